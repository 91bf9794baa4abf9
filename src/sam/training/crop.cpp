#include "sam/training/crop.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace landseam::sam::training {

namespace {

// A frame that is mostly outside the data is drawn again, this many times.
constexpr int kTries = 6;
constexpr double kWantedValid = 0.6;

struct SamplePoint {
    double x, y;
};

SamplePoint to_sample(const CropFrame& f, double u, double v, int side) {
    const double x = u - 0.5 * side, y = v - 0.5 * side;
    return {f.x0 + f.a * x + f.b * y, f.y0 + f.c * x + f.d * y};
}

double valid_share(const Sample& sample, const CropFrame& frame, int side) {
    constexpr int n = 8;
    int inside = 0;
    for (int i = 0; i < n * n; ++i) {
        const double step = static_cast<double>(side) / n;
        const SamplePoint at = to_sample(frame, (i % n + 0.5) * step, (i / n + 0.5) * step, side);
        const int x = static_cast<int>(std::floor(at.x)), y = static_cast<int>(std::floor(at.y));
        if (x < 0 || y < 0 || x >= sample.width || y >= sample.height) continue;
        inside += sample.valid[static_cast<std::size_t>(y) * static_cast<std::size_t>(sample.width) +
                               static_cast<std::size_t>(x)];
    }
    return static_cast<double>(inside) / (n * n);
}

// Adds the bilinear value of each band at a sample point; false outside the data.
bool add_bilinear(const Sample& s, SamplePoint at, std::vector<float>& sums) {
    const double x = at.x - 0.5, y = at.y - 0.5;
    const int x0 = static_cast<int>(std::floor(x)), y0 = static_cast<int>(std::floor(y));
    if (x0 < -1 || y0 < -1 || x0 >= s.width || y0 >= s.height) return false;
    const auto width = static_cast<std::size_t>(s.width), area = width * static_cast<std::size_t>(s.height);
    const auto clamped = [](int value, int size) {
        return static_cast<std::size_t>(std::clamp(value, 0, size - 1));
    };
    const std::size_t left = clamped(x0, s.width), right = clamped(x0 + 1, s.width);
    const std::size_t top = clamped(y0, s.height) * width, bottom = clamped(y0 + 1, s.height) * width;
    if (!s.valid[(y - y0 < 0.5 ? top : bottom) + (x - x0 < 0.5 ? left : right)]) return false;
    const auto fx = static_cast<float>(x - x0), fy = static_cast<float>(y - y0);
    for (std::size_t band = 0; band < sums.size(); ++band) {
        const std::uint8_t* p = s.pixels.data() + band * area;
        const float upper =
            static_cast<float>(p[top + left]) * (1 - fx) + static_cast<float>(p[top + right]) * fx;
        const float lower =
            static_cast<float>(p[bottom + left]) * (1 - fx) + static_cast<float>(p[bottom + right]) * fx;
        sums[band] += upper * (1 - fy) + lower * fy;
    }
    return true;
}

}  // namespace

Crop cut_crop(const Sample& sample, const CropFrame& frame, int side, const std::vector<float>& fill) {
    Crop crop;
    crop.side = side;
    crop.bands = static_cast<int>(sample.bands.size());
    const std::size_t area = crop.area();
    crop.pixels.resize(sample.bands.size() * area);
    crop.valid.assign(area, 0);
    crop.levels.assign(sample.levels.size(), std::vector<std::int32_t>(area, SampleLevel::unknown));
    for (const SampleLevel& level : sample.levels) crop.guessed.push_back(level.is_guessed());
    const int fine = std::max(1, static_cast<int>(std::ceil(frame.scale - 0.25)));  // looks a pixel and axis
    std::vector<float> sums(sample.bands.size());
    for (std::size_t i = 0; i < area; ++i) {
        const auto u = static_cast<double>(i % static_cast<std::size_t>(side)),
                   v = static_cast<double>(i / static_cast<std::size_t>(side));
        std::fill(sums.begin(), sums.end(), 0.0f);
        int seen = 0;
        for (int k = 0; k < fine * fine; ++k)
            seen += add_bilinear(
                sample, to_sample(frame, u + (k % fine + 0.5) / fine, v + (k / fine + 0.5) / fine, side),
                sums);
        const SamplePoint centre = to_sample(frame, u + 0.5, v + 0.5, side);
        const int x = static_cast<int>(std::floor(centre.x)), y = static_cast<int>(std::floor(centre.y));
        const bool inside = seen > 0 && x >= 0 && y >= 0 && x < sample.width && y < sample.height;
        for (std::size_t band = 0; band < sums.size(); ++band)
            crop.pixels[band * area + i] = seen > 0 ? sums[band] / static_cast<float>(seen) : fill[band];
        if (!inside) continue;
        const std::size_t at = static_cast<std::size_t>(y) * static_cast<std::size_t>(sample.width) +
                               static_cast<std::size_t>(x);
        crop.valid[i] = sample.valid[at];
        for (std::size_t level = 0; level < crop.levels.size(); ++level)
            crop.levels[level][i] = sample.levels[level].ids[at];
    }
    return crop;
}

CropFrame draw_frame(const Sample& sample, int side, const Augmentation& augmentation, Dice& dice) {
    CropFrame best;
    double best_share = -1;
    for (int attempt = 0; attempt < kTries && best_share < kWantedValid; ++attempt) {
        CropFrame frame;
        frame.scale = dice.between_evenly_in_log(augmentation.smallest_scale, augmentation.largest_scale);
        const double angle = augmentation.turn ? dice.between(0, 6.283185307179586) : 0;
        const double mirror = augmentation.turn && dice.chance(0.5) ? -1 : 1;
        frame.a = frame.scale * std::cos(angle) * mirror;
        frame.b = -frame.scale * std::sin(angle);
        frame.c = frame.scale * std::sin(angle) * mirror;
        frame.d = frame.scale * std::cos(angle);
        // The middle stays far enough inside that little ground is missing.
        const auto middle = [&](int size) {
            const double margin = std::min(0.4 * size, 0.5 * side * frame.scale);
            return dice.between(margin, size - margin);
        };
        frame.x0 = middle(sample.width);
        frame.y0 = middle(sample.height);
        const double share = valid_share(sample, frame, side);
        if (share <= best_share) continue;
        best_share = share;
        best = frame;
    }
    return best;
}

void paste_objects(Crop& onto, const Crop& from, Dice& dice) {
    if (from.levels.empty() || onto.levels.empty() || from.bands != onto.bands || from.side != onto.side)
        return;
    if (from.guessed.front()) return;
    if (onto.guessed.front()) {
        onto.levels.insert(onto.levels.begin(), std::vector<std::int32_t>(onto.area(), SampleLevel::unknown));
        onto.guessed.insert(onto.guessed.begin(), false);
    }
    std::map<std::int32_t, std::size_t> areas;
    for (const std::int32_t id : from.levels.front())
        if (id > 0) ++areas[id];
    std::vector<std::int32_t> fitting;
    for (const auto& [id, pixels] : areas)
        if (pixels >= 60 && pixels <= from.area() / 12) fitting.push_back(id);
    std::int32_t next = 1;
    for (const std::int32_t id : onto.levels.front()) next = std::max(next, id + 1);
    for (int pasted = 0; pasted < 3 && !fitting.empty(); ++pasted) {
        const std::int32_t id = fitting[dice.below(fitting.size())];
        for (std::size_t i = 0; i < onto.area(); ++i) {
            if (from.levels.front()[i] != id || !onto.valid[i]) continue;
            for (int band = 0; band < onto.bands; ++band) {
                const std::size_t at = static_cast<std::size_t>(band) * onto.area() + i;
                onto.pixels[at] = from.pixels[at];
            }
            for (auto& level : onto.levels) level[i] = SampleLevel::unknown;
            onto.levels.front()[i] = next;
        }
        ++next;
    }
}

}  // namespace landseam::sam::training
