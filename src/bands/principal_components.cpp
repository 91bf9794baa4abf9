#include "bands/principal_components.h"

#include "landseam/bands/channel_plan.h"

#include "bands/channel_values.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace landseam::bands {
namespace {

using Matrix = std::vector<std::vector<double>>;

double off_diagonal_squares(const Matrix& a) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) sum += a[i][j] * a[i][j];
    return sum;
}

double diagonal_squares(const Matrix& a) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i][i] * a[i][i];
    return sum;
}

// Turns rows and columns p and q of `a` so that a[p][q] vanishes; the rows of `vectors` follow.
void rotate(Matrix& a, Matrix& vectors, std::size_t p, std::size_t q) {
    if (a[p][q] == 0) return;
    const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    const double t = std::copysign(1.0, theta) / (std::abs(theta) + std::hypot(theta, 1.0));
    const double cosine = 1 / std::hypot(t, 1.0), sine = t * cosine;
    for (std::size_t k = 0; k < a.size(); ++k) {
        const double kp = a[k][p], kq = a[k][q];
        a[k][p] = cosine * kp - sine * kq;
        a[k][q] = sine * kp + cosine * kq;
    }
    for (std::size_t k = 0; k < a.size(); ++k) {
        const double pk = a[p][k], qk = a[q][k];
        a[p][k] = cosine * pk - sine * qk;
        a[q][k] = sine * pk + cosine * qk;
        const double vp = vectors[p][k], vq = vectors[q][k];
        vectors[p][k] = cosine * vp - sine * vq;
        vectors[q][k] = sine * vp + cosine * vq;
    }
    a[p][q] = a[q][p] = 0;
}

void make_largest_entry_positive(std::vector<double>& vector) {
    const auto largest = std::max_element(vector.begin(), vector.end(),
                                          [](double a, double b) { return std::abs(a) < std::abs(b); });
    if (largest == vector.end() || *largest >= 0) return;
    for (double& entry : vector) entry = -entry;
}

// Population covariance in two passes: the mean is taken off before anything is multiplied.
Matrix covariance(const std::vector<const float*>& bands, const std::vector<std::size_t>& pixels,
                  std::vector<double>& mean) {
    const std::size_t n = bands.size();
    const double count = static_cast<double>(std::max<std::size_t>(1, pixels.size()));
    mean.assign(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t pixel : pixels) mean[i] += bands[i][pixel];
        mean[i] /= count;
    }
    Matrix result(n, std::vector<double>(n, 0));
    std::vector<double> centred(n);
    for (std::size_t pixel : pixels) {
        for (std::size_t i = 0; i < n; ++i) centred[i] = bands[i][pixel] - mean[i];
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) result[i][j] += centred[i] * centred[j];
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) result[j][i] = result[i][j] = result[i][j] / count;
    return result;
}

}  // namespace

EigenPairs symmetric_eigen(Matrix matrix) {
    constexpr int kMostSweeps = 60;
    constexpr double kNegligible = 1e-30;  // of the squared diagonal: below double precision
    const std::size_t n = matrix.size();
    Matrix vectors(n, std::vector<double>(n, 0));
    for (std::size_t i = 0; i < n; ++i) vectors[i][i] = 1;
    for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
        if (off_diagonal_squares(matrix) <= kNegligible * diagonal_squares(matrix)) break;
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) rotate(matrix, vectors, p, q);
    }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return matrix[a][a] > matrix[b][b]; });
    EigenPairs pairs;
    for (std::size_t i : order) {
        make_largest_entry_positive(vectors[i]);
        pairs.values.push_back(matrix[i][i]);
        pairs.vectors.push_back(vectors[i]);
    }
    return pairs;
}

void fit_components(ChannelPlan& plan, const RasterWindow& sample) {
    if (!plan.needs_components()) return;
    std::size_t needed = 0;
    for (const Channel& channel : plan.channels)
        if (channel.kind == Channel::Kind::principal_component)
            needed = std::max(needed, static_cast<std::size_t>(channel.component));
    PrincipalComponents& pca = plan.components;
    pca.loadings.assign(needed, std::vector<double>(pca.bands.size(), 0));
    pca.mean.assign(pca.bands.size(), 0);
    pca.variance.assign(needed, 0);

    std::vector<const float*> bands;
    for (int number : pca.bands) bands.push_back(band_image(sample, number).values.data());
    const ChannelReader reader(sample, plan);
    const EigenPairs eigen = symmetric_eigen(covariance(bands, reader.pixels_with_data(), pca.mean));
    // What rounding leaves of a dependent band is noise; stretched to the full range it would be all the
    // model sees.
    const double least = eigen.values.front() * 1e-12;
    for (std::size_t c = 0; c < std::min(needed, eigen.values.size()); ++c) {
        if (eigen.values[c] <= least) break;
        pca.loadings[c] = eigen.vectors[c];
        pca.variance[c] = eigen.values[c];
    }
}

}  // namespace landseam::bands
