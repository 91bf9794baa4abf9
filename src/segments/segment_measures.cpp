#include "landseam/segments/segment_measures.h"

#include "segments/texture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>

#include <opencv2/imgproc.hpp>

namespace landseam::segments {
namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();
constexpr float dark_below = -1;
constexpr int directions = 8;
constexpr std::size_t patterns = 10;

struct Place {
    int x = 0;
    int y = 0;
};

// The pixels that count for a segment, all of them valid.
struct Surroundings {
    std::vector<Place> inside;
    std::vector<Place> outline;  // inside, with a neighbour that is not
    std::vector<Place> around;
    Point middle;
};

int ring_width(std::int64_t area) {
    return std::clamp(static_cast<int>(std::lround(std::sqrt(static_cast<double>(area)) / 4)), 3,
                      PictureMeasures::reach - 1);
}

Surroundings find_surroundings(const RunMask& mask, const ImageU8& valid) {
    Surroundings found;
    const RunMask seen = mask.clipped({0, 0, valid.width, valid.height});
    if (seen.empty()) return found;
    const int ring = ring_width(seen.area());
    const PixelBox bounds = seen.bounds();
    const PixelBox frame =
        intersection({bounds.x - ring, bounds.y - ring, bounds.width + 2 * ring, bounds.height + 2 * ring},
                     {0, 0, valid.width, valid.height});
    ImageU8 image = seen.to_image(frame);
    const cv::Mat inside(image.height, image.width, CV_8U, image.values.data());
    cv::Mat core, grown;
    cv::erode(inside, core, cv::Mat::ones(3, 3, CV_8U));
    cv::dilate(inside, grown, cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * ring + 1, 2 * ring + 1}));
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            const Place place{x + static_cast<int>(frame.x), y + static_cast<int>(frame.y)};
            if (!grown.at<std::uint8_t>(y, x) || !valid.at(place.x, place.y)) continue;
            if (!inside.at<std::uint8_t>(y, x)) {
                found.around.push_back(place);
                continue;
            }
            found.inside.push_back(place);
            found.middle.x += place.x;
            found.middle.y += place.y;
            if (!core.at<std::uint8_t>(y, x)) found.outline.push_back(place);
        }
    const double count = static_cast<double>(std::max<std::size_t>(1, found.inside.size()));
    found.middle = {found.middle.x / count, found.middle.y / count};
    return found;
}

std::vector<float> values_at(const ImageF& image, const std::vector<Place>& places) {
    std::vector<float> values;
    values.reserve(places.size());
    for (const Place& place : places) values.push_back(image.at(place.x, place.y));
    return values;
}

float mean_of(const std::vector<float>& values) {
    if (values.empty()) return unknown;
    double sum = 0;
    for (const float value : values) sum += value;
    return static_cast<float>(sum / static_cast<double>(values.size()));
}

float deviation_of(const std::vector<float>& values, float mean) {
    double sum = 0;
    for (const float value : values)
        sum += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
    return static_cast<float>(std::sqrt(sum / static_cast<double>(values.size())));
}

// The value of rank p · (n − 1), rounded; reorders.
float percentile_of(std::vector<float>& values, double p) {
    if (values.empty()) return unknown;
    const auto rank = std::lround(p * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + rank, values.end());
    return values[static_cast<std::size_t>(rank)];
}

float dark_share(const ImageF& brightness, const std::vector<Place>& places) {
    if (places.empty()) return unknown;
    const auto dark = std::count_if(places.begin(), places.end(),
                                    [&](const Place& p) { return brightness.at(p.x, p.y) < dark_below; });
    return static_cast<float>(static_cast<double>(dark) / static_cast<double>(places.size()));
}

float darkest_side(const ImageF& brightness, const Surroundings& s) {
    std::array<int, directions> dark{}, all{};
    for (const Place& place : s.around) {
        const double angle =
            std::atan2(place.y - s.middle.y, place.x - s.middle.x) / (2 * 3.14159265358979323846) + 1;
        const auto side = static_cast<std::size_t>(angle * directions) % directions;
        ++all[side];
        dark[side] += brightness.at(place.x, place.y) < dark_below;
    }
    float largest = s.around.empty() ? unknown : 0;
    for (std::size_t i = 0; i < directions; ++i)
        if (all[i] > 0) largest = std::max(largest, static_cast<float>(dark[i]) / static_cast<float>(all[i]));
    return largest;
}

void append_patterns(const ImageU8& pattern_of, const std::vector<Place>& inside,
                     std::vector<float>& measures) {
    std::array<int, patterns> counts{};
    int all = 0;
    for (const Place& place : inside)
        if (const std::uint8_t pattern = pattern_of.at(place.x, place.y); pattern < patterns) {
            ++counts[pattern];
            ++all;
        }
    for (const int count : counts)
        measures.push_back(all > 0 ? static_cast<float>(count) / static_cast<float>(all) : unknown);
}

ImageF difference(const RasterWindow& window, const MeasurePlan& plan, const NormalizedDifference& index) {
    ImageF result(window.width(), window.height());
    const MeasuredBand &a = plan.bands[index.first], &b = plan.bands[index.second];
    for (std::size_t i = 0; i < result.values.size(); ++i) {
        const double first = window.bands[index.first].values[i] * a.scale + a.offset;
        const double second = window.bands[index.second].values[i] * b.scale + b.offset;
        const double sum = first + second;
        result.values[i] = sum == 0 ? 0 : static_cast<float>(std::clamp((first - second) / sum, -1.0, 1.0));
    }
    return result;
}

ImageF brightness_of(const RasterWindow& window, const MeasurePlan& plan) {
    ImageF result(window.width(), window.height());
    for (std::size_t band = 0; band < plan.bands.size(); ++band) {
        const MeasuredBand& known = plan.bands[band];
        const double deviation = known.scene_deviation > 0 ? known.scene_deviation : 1;
        for (std::size_t i = 0; i < result.values.size(); ++i)
            result.values[i] += static_cast<float>((window.bands[band].values[i] - known.scene_mean) /
                                                   deviation / static_cast<double>(plan.bands.size()));
    }
    return result;
}

}  // namespace

std::vector<NormalizedDifference> indices_of(const std::vector<std::string>& common_names) {
    const auto find = [&](std::initializer_list<const char*> names) {
        for (const char* name : names)
            if (const auto found = std::find(common_names.begin(), common_names.end(), name);
                found != common_names.end())
                return static_cast<std::size_t>(found - common_names.begin());
        return common_names.size();
    };
    const std::size_t red = find({"red"}), green = find({"green"}), blue = find({"blue"});
    const std::size_t nir = find({"nir", "nir08", "nir09"}), swir16 = find({"swir16"});
    std::vector<NormalizedDifference> indices;
    for (const NormalizedDifference& index :
         std::initializer_list<NormalizedDifference>{{"ndvi", nir, red},
                                                     {"ndwi", green, nir},
                                                     {"mndwi", green, swir16},
                                                     {"ndbi", swir16, nir},
                                                     {"ngrdi", green, red},
                                                     {"nrbdi", red, blue}})
        if (index.first < common_names.size() && index.second < common_names.size()) indices.push_back(index);
    return indices;
}

std::vector<std::string> picture_measure_names(const MeasurePlan& plan) {
    std::vector<std::string> names;
    for (const MeasuredBand& band : plan.bands) {
        for (const char* what : {"mean_", "std_", "p10_", "p50_", "p90_", "around_"})
            names.push_back(what + band.name);
        if (plan.bands.size() > 1) names.push_back("share_" + band.name);
    }
    for (const NormalizedDifference& index : plan.indices)
        for (const char* what : {"mean_", "std_", "around_"}) names.push_back(what + index.name);
    for (const char* name : {"dark", "dark_around", "dark_side", "edge", "edge_p25", "inner_edge"})
        names.push_back(name);
    for (std::size_t i = 0; i < patterns; ++i) names.push_back("lbp_" + std::to_string(i));
    return names;
}

PictureMeasures::PictureMeasures(const MeasurePlan& plan, RasterWindow window)
    : plan_(plan), window_(std::move(window)) {
    for (const NormalizedDifference& index : plan.indices)
        indices_.push_back(difference(window_, plan, index));
    brightness_ = brightness_of(window_, plan);
    gradient_ = gradient_magnitude(brightness_, window_.valid);
    patterns_ = binary_patterns(brightness_, window_.valid);
}

std::vector<float> PictureMeasures::measure(const RunMask& mask) const {
    const Surroundings s = find_surroundings(mask, window_.valid);
    std::vector<float> measures;
    if (s.inside.empty()) {
        measures.assign(picture_measure_names(plan_).size(), unknown);
        return measures;
    }
    double sum_of_means = 0;
    for (const ImageF& band : window_.bands) sum_of_means += mean_of(values_at(band, s.inside));
    for (const ImageF& band : window_.bands) {
        std::vector<float> values = values_at(band, s.inside);
        const float mean = mean_of(values);
        measures.push_back(mean);
        measures.push_back(deviation_of(values, mean));
        for (const double p : {0.1, 0.5, 0.9}) measures.push_back(percentile_of(values, p));
        measures.push_back(mean - mean_of(values_at(band, s.around)));
        if (window_.bands.size() > 1)
            measures.push_back(sum_of_means == 0 ? unknown : static_cast<float>(mean / sum_of_means));
    }
    for (const ImageF& index : indices_) {
        const std::vector<float> values = values_at(index, s.inside);
        const float mean = mean_of(values);
        measures.push_back(mean);
        measures.push_back(deviation_of(values, mean));
        measures.push_back(mean - mean_of(values_at(index, s.around)));
    }
    measures.push_back(dark_share(brightness_, s.inside));
    measures.push_back(dark_share(brightness_, s.around));
    measures.push_back(darkest_side(brightness_, s));
    std::vector<float> edge = values_at(gradient_, s.outline);
    measures.push_back(mean_of(edge));
    measures.push_back(percentile_of(edge, 0.25));
    measures.push_back(mean_of(values_at(gradient_, s.inside)));
    append_patterns(patterns_, s.inside, measures);
    return measures;
}

}  // namespace landseam::segments
