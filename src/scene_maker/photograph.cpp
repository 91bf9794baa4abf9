#include "scene_maker/photograph.h"

#include "scene_maker/noise.h"
#include "scene_maker/sensor.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace landseam::scene_maker {

namespace {

struct Camera {
    std::array<int, 3> bands{0, 1, 2};
    double blur_px = 0.6;
    double sharpening = 0;  // unsharp masking, share of the difference that is added
    double haze = 0.05;     // share of the light that is airlight
    double haze_patches = 0;
    double uneven = 0.05;  // of the light across the picture
    bool one_stretch = true;
    double low_share = 0.01, high_share = 0.01;  // of pixels that are cut off
    double black = 5, white = 245;
    double gamma = 0.8;
    double saturation = 1;
    std::array<double, 3> balance{1, 1, 1};
    double noise = 2, colour_noise = 1;  // standard deviations, counts
    int quantization = 0;                // of the coarsest compression step, counts; 0 for none
};

Camera draw_camera(Random& random, double gsd_m) {
    Camera c;
    if (random.chance(gsd_m >= 1 ? 0.15 : 0.05)) c.bands = {3, 0, 1};
    c.blur_px = random.chance(0.7) ? random.uniform(0.3, 0.8) : random.uniform(0.8, 1.5);
    if (random.chance(0.4)) c.sharpening = random.uniform(0.3, 1.6);
    c.haze = random.chance(0.6) ? random.uniform(0, 0.15) : random.uniform(0.15, 0.5);
    if (random.chance(0.25)) c.haze_patches = random.uniform(0.1, 0.5);
    c.uneven = random.uniform(0, 0.15);
    c.one_stretch = random.chance(0.65);
    c.low_share = random.chance(0.5) ? 0.001 : random.uniform(0.002, 0.03);
    c.high_share = random.chance(0.5) ? random.uniform(0.001, 0.01) : random.uniform(0.01, 0.05);
    c.black = random.uniform(0, 50);
    c.white = random.uniform(190, 255);
    c.gamma = random.uniform(0.5, 1.05);
    c.saturation = random.chance(0.06) ? 0 : random.uniform(0.5, 1.5);
    for (double& gain : c.balance) gain = random.uniform(0.88, 1.12);
    c.noise = random.chance(0.6) ? random.uniform(0, 3) : random.uniform(3, 9);
    c.colour_noise = c.noise * random.uniform(0, 0.8);
    if (random.chance(0.4)) c.quantization = 4 + random.below(28);
    return c;
}

// Chosen bands, blurred, under haze and uneven light.
Image<float> seen_by(const Camera& c, const Image<float>& reflectance, std::uint64_t seed) {
    Image<float> chosen(reflectance.width, reflectance.height, 3);
    for (std::size_t i = 0; i < chosen.pixel_count(); ++i)
        for (std::size_t k = 0; k < 3; ++k)
            chosen.values[3 * i + k] = reflectance.values[4 * i + static_cast<std::size_t>(c.bands[k])];
    const std::vector<double> kernel = gaussian_kernel(c.blur_px);
    Image<float> image = blurred(blurred(chosen, kernel, true), kernel, false);
    if (c.sharpening > 0) {
        const std::vector<double> wide = gaussian_kernel(1);
        const Image<float> soft = blurred(blurred(image, wide, true), wide, false);
        for (std::size_t i = 0; i < image.values.size(); ++i)
            image.values[i] += static_cast<float>(c.sharpening * (image.values[i] - soft.values[i]));
    }
    constexpr std::array<double, 3> airlight{.20, .22, .25};
    const double wave = 0.7 * std::max(image.width, image.height);
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            const double light = 1 + c.uneven * value_noise(x / wave, y / wave, seed + 3);
            const double patch = c.haze_patches * layered_noise(2 * x / wave, 2 * y / wave, 3, seed + 4);
            const double haze = std::clamp(c.haze + std::max(0.0, patch), 0.0, 0.7);
            for (int k = 0; k < 3; ++k) {
                const auto channel = static_cast<std::size_t>(k);
                const double value = image.at(x, y, k) * light * c.balance[channel];
                image.at(x, y, k) = static_cast<float>(value * (1 - haze) + airlight[channel] * haze);
            }
        }
    return image;
}

struct Limits {
    double low = 0, high = 1;
};

Limits limits_of(std::vector<float> values, double low_share, double high_share) {
    const auto at = [&](double share) {
        const auto i = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
        std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), values.end());
        return static_cast<double>(values[i]);
    };
    Limits limits;
    limits.low = at(low_share);
    // Nothing is stretched beyond reason where a picture is almost of one colour.
    limits.high = std::max(at(1 - high_share), limits.low + 0.04);
    return limits;
}

void stretch(const Camera& c, Image<float>& image) {
    std::array<Limits, 3> limits;
    for (std::size_t k = 0; k < 3; ++k) {
        std::vector<float> values;
        for (std::size_t i = k; i < image.values.size(); i += c.one_stretch ? 1 : 3)
            values.push_back(image.values[i]);
        limits[k] =
            c.one_stretch && k > 0 ? limits[0] : limits_of(std::move(values), c.low_share, c.high_share);
    }
    for (std::size_t i = 0; i < image.pixel_count(); ++i) {
        std::array<double, 3> v{};
        for (std::size_t k = 0; k < 3; ++k) {
            const double t = (image.values[3 * i + k] - limits[k].low) / (limits[k].high - limits[k].low);
            v[k] = c.black + (c.white - c.black) * std::pow(std::clamp(t, 0.0, 1.2), c.gamma);
        }
        const double grey = 0.3 * v[0] + 0.59 * v[1] + 0.11 * v[2];
        for (std::size_t k = 0; k < 3; ++k)
            image.values[3 * i + k] = static_cast<float>(grey + c.saturation * (v[k] - grey));
    }
}

// What JPEG does: blocks of 8 × 8 lose their fine structure.
void compress(int quantization, Image<float>& image) {
    constexpr int n = 8;
    double basis[n][n];
    for (int k = 0; k < n; ++k)
        for (int i = 0; i < n; ++i)
            basis[k][i] = (k == 0 ? std::sqrt(0.125) : 0.5) * std::cos((2 * i + 1) * k * M_PI / 16);
    for (int by = 0; by + n <= image.height; by += n)
        for (int bx = 0; bx + n <= image.width; bx += n)
            for (int c = 0; c < 3; ++c) {
                double block[n][n], half[n][n] = {}, waves[n][n] = {};
                for (int y = 0; y < n; ++y)
                    for (int x = 0; x < n; ++x) block[y][x] = image.at(bx + x, by + y, c);
                for (int y = 0; y < n; ++y)
                    for (int k = 0; k < n; ++k)
                        for (int x = 0; x < n; ++x) half[y][k] += basis[k][x] * block[y][x];
                for (int l = 0; l < n; ++l)
                    for (int k = 0; k < n; ++k) {
                        for (int y = 0; y < n; ++y) waves[l][k] += basis[l][y] * half[y][k];
                        const double step = 1 + quantization * (k + l + 1) / 8.0;
                        waves[l][k] = std::floor(waves[l][k] / step + 0.5) * step;
                    }
                for (int y = 0; y < n; ++y)
                    for (int k = 0; k < n; ++k) {
                        half[y][k] = 0;
                        for (int l = 0; l < n; ++l) half[y][k] += basis[l][y] * waves[l][k];
                    }
                for (int y = 0; y < n; ++y)
                    for (int x = 0; x < n; ++x) {
                        double sum = 0;
                        for (int k = 0; k < n; ++k) sum += basis[k][x] * half[y][k];
                        image.at(bx + x, by + y, c) = static_cast<float>(sum);
                    }
            }
}

}  // namespace

ImageU8 photograph(const Image<float>& reflectance, double gsd_m, std::uint64_t seed) {
    Random random(mixed(seed ^ 0xca3e7au));
    const Camera camera = draw_camera(random, gsd_m);
    Image<float> image = seen_by(camera, reflectance, random.next());
    stretch(camera, image);
    for (std::size_t i = 0; i < image.pixel_count(); ++i) {
        const double grey = camera.noise * bell(random);
        for (std::size_t k = 0; k < 3; ++k)
            image.values[3 * i + k] += static_cast<float>(grey + camera.colour_noise * bell(random));
    }
    if (camera.quantization > 0) compress(camera.quantization, image);
    ImageU8 picture(image.width, image.height, 3);
    for (std::size_t i = 0; i < image.values.size(); ++i)
        picture.values[i] =
            static_cast<std::uint8_t>(std::clamp(std::floor(image.values[i] + 0.5f), 0.0f, 255.0f));
    return picture;
}

}  // namespace landseam::scene_maker
