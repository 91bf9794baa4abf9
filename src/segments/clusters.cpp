#include "landseam/segments/clusters.h"

#include "landseam/core/error.h"

#include "segments/components.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include <opencv2/ml.hpp>

namespace landseam::segments {
namespace {

constexpr std::size_t most_learned = 20000, most_dense = 5000, most_silhouettes = 2000;
constexpr int attempts = 5, iterations = 100;
constexpr double usual_share = 0.9;  // of rows that lie in a dense place, where no radius is given

std::vector<std::size_t> draw(const std::vector<std::size_t>& from, std::size_t count, std::uint64_t seed) {
    std::vector<std::size_t> chosen = from;
    if (chosen.size() <= count) return chosen;
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < count; ++i) std::swap(chosen[i], chosen[i + random() % (chosen.size() - i)]);
    chosen.resize(count);
    std::sort(chosen.begin(), chosen.end());
    return chosen;
}

cv::Mat take(const cv::Mat& rows, const std::vector<std::size_t>& chosen) {
    cv::Mat result(static_cast<int>(chosen.size()), rows.cols, CV_32F);
    for (std::size_t i = 0; i < chosen.size(); ++i)
        rows.row(static_cast<int>(chosen[i])).copyTo(result.row(static_cast<int>(i)));
    return result;
}

double squared_distance(const float* a, const float* b, int columns) {
    double sum = 0;
    for (int c = 0; c < columns; ++c)
        sum += (static_cast<double>(a[c]) - b[c]) * (static_cast<double>(a[c]) - b[c]);
    return sum;
}

// Mean over rows of (b − a) / max(a, b): a the mean distance to its own cluster, b that to the nearest other
// one.
double silhouette(const cv::Mat& rows, const std::vector<int>& labels, int clusters, std::uint64_t seed) {
    std::vector<std::size_t> all(labels.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::vector<std::size_t> some = draw(all, most_silhouettes, seed);
    double sum = 0;
    for (const std::size_t i : some) {
        std::vector<double> distance(static_cast<std::size_t>(clusters));
        std::vector<double> count(static_cast<std::size_t>(clusters));
        for (const std::size_t k : some) {
            if (k == i) continue;
            const auto other = static_cast<std::size_t>(labels[k]);
            distance[other] += std::sqrt(squared_distance(rows.ptr<float>(static_cast<int>(i)),
                                                          rows.ptr<float>(static_cast<int>(k)), rows.cols));
            ++count[other];
        }
        const auto own = static_cast<std::size_t>(labels[i]);
        if (count[own] == 0) continue;  // alone: 0, by convention
        const double a = distance[own] / count[own];
        double b = std::numeric_limits<double>::infinity();
        for (std::size_t c = 0; c < count.size(); ++c)
            if (c != own && count[c] > 0) b = std::min(b, distance[c] / count[c]);
        if (std::isfinite(b) && std::max(a, b) > 0) sum += (b - a) / std::max(a, b);
    }
    return sum / static_cast<double>(some.size());
}

// Centres, or means of the mixture with its weights and variances.
struct Fit {
    cv::Mat means;      // CV_64F, a row a cluster
    cv::Mat variances;  // of mixtures, likewise
    cv::Mat weights;
    double score = 0;
    bool mixture = false;

    int nearest(const float* row) const {
        int best = 0;
        double least = std::numeric_limits<double>::infinity();
        for (int k = 0; k < means.rows; ++k) {
            double cost = mixture ? -2 * std::log(std::max(1e-300, weights.at<double>(k))) : 0;
            for (int c = 0; c < means.cols; ++c) {
                const double difference = row[c] - means.at<double>(k, c);
                cost += mixture ? difference * difference / variances.at<double>(k, c) +
                                      std::log(variances.at<double>(k, c))
                                : difference * difference;
            }
            if (cost < least) {
                least = cost;
                best = k;
            }
        }
        return best;
    }
};

Fit fit_means(const cv::Mat& rows, int clusters, std::uint64_t seed, bool scored) {
    cv::theRNG().state = seed * 0x9E3779B97F4A7C15U + 1;
    cv::Mat labels, centers;
    cv::kmeans(rows, clusters, labels, {cv::TermCriteria::MAX_ITER + cv::TermCriteria::EPS, iterations, 1e-4},
               attempts, cv::KMEANS_PP_CENTERS, centers);
    Fit fit;
    centers.convertTo(fit.means, CV_64F);
    if (scored)
        fit.score =
            silhouette(rows, std::vector<int>(labels.begin<int>(), labels.end<int>()), clusters, seed);
    return fit;
}

Fit fit_mixture(const cv::Mat& rows, int clusters, std::uint64_t seed) {
    cv::theRNG().state = seed * 0x9E3779B97F4A7C15U + 1;
    auto trainer = cv::ml::EM::create();
    trainer->setClustersNumber(clusters);
    trainer->setCovarianceMatrixType(cv::ml::EM::COV_MAT_DIAGONAL);
    trainer->setTermCriteria({cv::TermCriteria::MAX_ITER + cv::TermCriteria::EPS, iterations, 1e-4});
    cv::Mat likelihoods;
    trainer->trainEM(rows, likelihoods);
    Fit fit;
    fit.mixture = true;
    fit.means = trainer->getMeans();
    fit.weights = trainer->getWeights();
    std::vector<cv::Mat> covariances;
    trainer->getCovs(covariances);
    fit.variances = cv::Mat(clusters, rows.cols, CV_64F);
    for (int k = 0; k < clusters; ++k)
        for (int c = 0; c < rows.cols; ++c)
            fit.variances.at<double>(k, c) =
                std::max(1e-9, covariances[static_cast<std::size_t>(k)].at<double>(c, c));
    const double parameters = clusters * (2.0 * rows.cols + 1) - 1;
    fit.score = parameters * std::log(static_cast<double>(rows.rows)) - 2 * cv::sum(likelihoods)[0];
    return fit;
}

// Numbers clusters by their size, larger ones first (of equal ones the one met first).
void number_by_size(Clusters& clusters) {
    std::map<int, std::int64_t> sizes;
    for (const int label : clusters.of_rows)
        if (label >= 0) ++sizes[label];
    std::vector<int> order;
    for (const auto& entry : sizes) order.push_back(entry.first);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return sizes[a] > sizes[b]; });
    std::map<int, int> numbers;
    for (std::size_t i = 0; i < order.size(); ++i) numbers[order[i]] = static_cast<int>(i);
    for (int& label : clusters.of_rows)
        if (label >= 0) label = numbers[label];
    clusters.count = static_cast<int>(order.size());
}

void by_fit(const Components& components, const std::vector<std::size_t>& sample,
            const ClusterOptions& options, Clusters& clusters, const ParallelFor& parallel_for) {
    const cv::Mat rows = take(components.rows, sample);
    const bool mixture = options.method == "gmm";
    const int least = options.clusters > 0 ? options.clusters : 2;
    const int most = options.clusters > 0 ? options.clusters : std::min(options.most_clusters, rows.rows - 1);
    if (rows.rows < least || most < least)
        throw Error("clusters",
                    "there are " + std::to_string(rows.rows) + " segments to be put into " +
                        std::to_string(least) + " clusters",
                    "ask for fewer, or give more segments");
    std::vector<Fit> fits(static_cast<std::size_t>(most - least + 1));
    parallel_for(fits.size(), [&](std::size_t i) {
        const int count = least + static_cast<int>(i);
        fits[i] =
            mixture ? fit_mixture(rows, count, options.seed) : fit_means(rows, count, options.seed, true);
    });
    clusters.score_name = mixture ? "BIC" : "silhouette";
    std::size_t best = 0;
    for (std::size_t i = 0; i < fits.size(); ++i) {
        clusters.scores.push_back({least + static_cast<int>(i), fits[i].score});
        if (mixture ? fits[i].score < fits[best].score : fits[i].score > fits[best].score) best = i;
    }
    parallel_for(clusters.of_rows.size(), [&](std::size_t i) {
        if (!components.known[i]) return;
        const float* const row = components.rows.ptr<float>(static_cast<int>(i));
        const int label = fits[best].nearest(row);
        double sum = 0;
        for (int c = 0; c < components.rows.cols; ++c)
            sum += std::pow(row[c] - fits[best].means.at<double>(label, c), 2);
        clusters.of_rows[i] = label;
        clusters.distance[i] = std::sqrt(sum);
    });
}

// The distance of each row to the one that has min_points others nearer.
double usual_radius(const cv::Mat& rows, int min_points, const ParallelFor& parallel_for) {
    std::vector<double> reach(static_cast<std::size_t>(rows.rows));
    parallel_for(reach.size(), [&](std::size_t i) {
        std::vector<double> distances;
        for (int k = 0; k < rows.rows; ++k)
            distances.push_back(
                squared_distance(rows.ptr<float>(static_cast<int>(i)), rows.ptr<float>(k), rows.cols));
        const auto rank = std::min<std::ptrdiff_t>(min_points, rows.rows - 1);
        std::nth_element(distances.begin(), distances.begin() + rank, distances.end());
        reach[i] = std::sqrt(distances[static_cast<std::size_t>(rank)]);
    });
    const auto rank = static_cast<std::ptrdiff_t>(usual_share * static_cast<double>(reach.size() - 1));
    std::nth_element(reach.begin(), reach.begin() + rank, reach.end());
    return std::max(1e-12, reach[static_cast<std::size_t>(rank)]);
}

void by_density(const Components& components, const std::vector<std::size_t>& sample,
                const ClusterOptions& options, Clusters& clusters, const ParallelFor& parallel_for) {
    const cv::Mat rows = take(components.rows, sample);
    clusters.radius =
        options.radius > 0 ? options.radius : usual_radius(rows, options.min_points, parallel_for);
    const double reach = clusters.radius * clusters.radius;
    std::vector<std::vector<int>> within(static_cast<std::size_t>(rows.rows));
    parallel_for(within.size(), [&](std::size_t i) {
        for (int k = 0; k < rows.rows; ++k)
            if (squared_distance(rows.ptr<float>(static_cast<int>(i)), rows.ptr<float>(k), rows.cols) <=
                reach)
                within[i].push_back(k);
    });
    const auto dense = [&](int i) {
        return static_cast<int>(within[static_cast<std::size_t>(i)].size()) > options.min_points;
    };
    std::vector<int> labels(within.size(), -1), places;
    int count = 0;
    for (int i = 0; i < rows.rows; ++i) {
        if (!dense(i)) continue;
        places.push_back(i);
        if (labels[static_cast<std::size_t>(i)] >= 0) continue;
        std::vector<int> open{i};
        labels[static_cast<std::size_t>(i)] = count;
        while (!open.empty()) {
            const int at = open.back();
            open.pop_back();
            for (const int k : within[static_cast<std::size_t>(at)])
                if (dense(k) && labels[static_cast<std::size_t>(k)] < 0) {
                    labels[static_cast<std::size_t>(k)] = count;
                    open.push_back(k);
                }
        }
        ++count;
    }
    parallel_for(clusters.of_rows.size(), [&](std::size_t i) {
        if (!components.known[i]) return;
        double least = reach;
        for (const int place : places) {
            const double distance = squared_distance(components.rows.ptr<float>(static_cast<int>(i)),
                                                     rows.ptr<float>(place), rows.cols);
            if (distance > least || (distance == least && clusters.of_rows[i] >= 0)) continue;
            least = distance;
            clusters.of_rows[i] = labels[static_cast<std::size_t>(place)];
            clusters.distance[i] = std::sqrt(distance);
        }
    });
}

}  // namespace

void ClusterOptions::validate() const {
    const auto refuse = [](const std::string& option, const std::string& cause) {
        throw Error(option, cause, "", ErrorKind::usage);
    };
    static const std::set<std::string> methods{"kmeans", "gmm", "density"};
    if (!methods.count(method)) refuse("--method", "must be kmeans, gmm or density, and is '" + method + "'");
    if (clusters != 0 && (clusters < 2 || clusters > 1000)) refuse("--clusters", "must be from 2 to 1000");
    if (most_clusters < 2 || most_clusters > 100) refuse("--most-clusters", "must be from 2 to 100");
    if (min_points < 1 || min_points > 1000) refuse("--min-points", "must be from 1 to 1000");
    if (!(radius >= 0 && std::isfinite(radius))) refuse("--radius", "must be a number of 0 or more");
}

Clusters find_clusters(const FeatureTable& table, const ClusterOptions& options,
                       const ParallelFor& parallel_for) {
    options.validate();
    std::vector<std::size_t> known;
    for (std::size_t i = 0; i < table.rows(); ++i)
        if (std::any_of(table.row(i), table.row(i) + table.columns(),
                        [](float v) { return std::isfinite(v); }))
            known.push_back(i);
    const bool density = options.method == "density";
    const std::vector<std::size_t> sample = draw(known, density ? most_dense : most_learned, options.seed);
    if (sample.empty())
        throw Error("clusters", "nothing is known of any segment", "check that the layer lies on the scene");
    const Components components = principal_components(table, sample);
    Clusters clusters;
    clusters.components = components.rows.cols;
    clusters.of_rows.assign(table.rows(), -1);
    clusters.distance.assign(table.rows(), std::numeric_limits<double>::quiet_NaN());
    density ? by_density(components, sample, options, clusters, parallel_for)
            : by_fit(components, sample, options, clusters, parallel_for);
    number_by_size(clusters);
    return clusters;
}

double adjusted_rand_index(const std::vector<int>& a, const std::vector<int>& b) {
    std::map<std::pair<int, int>, double> both;
    std::map<int, double> of_a, of_b;
    double all = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] < 0 || b[i] < 0) continue;
        ++both[{a[i], b[i]}];
        ++of_a[a[i]];
        ++of_b[b[i]];
        ++all;
    }
    const auto pairs = [](double n) { return n * (n - 1) / 2; };
    double together = 0, in_a = 0, in_b = 0;
    for (const auto& entry : both) together += pairs(entry.second);
    for (const auto& entry : of_a) in_a += pairs(entry.second);
    for (const auto& entry : of_b) in_b += pairs(entry.second);
    const double expected = all > 1 ? in_a * in_b / pairs(all) : 0, most = (in_a + in_b) / 2;
    return most > expected ? (together - expected) / (most - expected) : 1;
}

}  // namespace landseam::segments
