#include "scene_maker/sensor.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

std::vector<double> gaussian_kernel(double deviation) {
    const int radius = static_cast<int>(std::ceil(3 * deviation));
    std::vector<double> kernel;
    double sum = 0;
    for (int i = -radius; i <= radius; ++i) {
        kernel.push_back(radius == 0 ? 1.0 : std::exp(-0.5 * i * i / (deviation * deviation)));
        sum += kernel.back();
    }
    for (double& value : kernel) value /= sum;
    return kernel;
}

Image<float> blurred(const Image<float>& image, const std::vector<double>& kernel, bool along_x) {
    Image<float> result(image.width, image.height, image.channels);
    const int radius = static_cast<int>(kernel.size()) / 2;
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            for (int c = 0; c < image.channels; ++c) {
                double sum = 0;
                for (int k = -radius; k <= radius; ++k) {
                    const int px = along_x ? std::clamp(x + k, 0, image.width - 1) : x;
                    const int py = along_x ? y : std::clamp(y + k, 0, image.height - 1);
                    sum += kernel[static_cast<std::size_t>(k + radius)] * image.at(px, py, c);
                }
                result.at(x, y, c) = static_cast<float>(sum);
            }
        }
    }
    return result;
}

double bell(Random& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.uniform(0, 1);
    return sum;
}

std::vector<Image<std::uint16_t>> record(const Image<float>& reflectance, const ImageU8& valid,
                                         const SceneOptions& options) {
    constexpr Spectrum haze{.006, .009, .014, .003};
    constexpr double most_counts = 2047;
    const std::vector<double> kernel = gaussian_kernel(options.blur_px);
    const Image<float> seen = blurred(blurred(reflectance, kernel, true), kernel, false);
    std::vector<Image<std::uint16_t>> bands;
    for (int c = 0; c < reflectance.channels; ++c) {
        Image<std::uint16_t> band(seen.width, seen.height);
        Random random(mixed(options.seed) + static_cast<std::uint64_t>(c));
        for (int y = 0; y < seen.height; ++y) {
            for (int x = 0; x < seen.width; ++x) {
                const double signal =
                    Scene::counts_per_reflectance * (seen.at(x, y, c) + haze[static_cast<std::size_t>(c)]);
                // Photon noise grows with the root of the signal.
                const double noise = options.noise * std::sqrt(0.5 + signal / 600) * bell(random);
                if (valid.at(x, y) != 0)
                    band.at(x, y) = static_cast<std::uint16_t>(
                        std::clamp(std::floor(signal + noise + 0.5), 1.0, most_counts));
            }
        }
        bands.push_back(std::move(band));
    }
    return bands;
}

}  // namespace landseam::scene_maker
