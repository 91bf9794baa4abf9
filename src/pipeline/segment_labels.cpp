#include "pipeline/segment_labels.h"

#include "landseam/core/error.h"
#include "landseam/core/polygon_fill.h"
#include "landseam/raster/georeference.h"
#include "landseam/segments/overlaps.h"

#include "pipeline/mapped_polygons.h"
#include "pipeline/polygon_masks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

namespace landseam::pipeline {
namespace {

constexpr double same_object = 0.5;  // IoU
constexpr double surely_other =
    0.3;  // IoU below which a segment is not taken for an inexact outline of an object
constexpr double covered_share = 0.5;
constexpr int blocks_a_side = 5;

struct Sample {
    int label = 0;
    RunMask mask;               // of a polygon, in scene pixels
    std::vector<Point> points;  // in scene pixels
};

struct Samples {
    std::vector<std::string> classes;
    std::vector<Sample> list;
    bool points = false;
};

std::string class_of(const output::FieldValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (const auto* real = std::get_if<double>(&value);
        real && *real == std::floor(*real) && std::abs(*real) < 1e15)
        return std::to_string(static_cast<std::int64_t>(*real));
    return {};
}

std::size_t class_column(const output::MixedLayer& layer, const SampleOptions& options) {
    std::string known;
    for (std::size_t i = 0; i < layer.fields.size(); ++i) {
        if (layer.fields[i].name == options.class_field) return i;
        known += (i > 0 ? ", " : "") + layer.fields[i].name;
    }
    throw Error(options.layer, "has no field '" + options.class_field + "'",
                known.empty() ? "it has no fields at all: name the class of all samples with --class"
                              : "name one of its fields as --class-field: " + known);
}

Samples read_samples(const SampleOptions& options, const raster::SceneInfo& scene) {
    const output::MixedLayer layer = output::read_mixed_layer(options.layer, "", scene.crs_wkt);
    if (layer.features.empty())
        throw Error(options.layer, "holds no samples", "give polygons or points on what is of a class");
    const std::size_t column = options.class_field.empty() ? 0 : class_column(layer, options);
    const GeoTransform transform = scene.geo_transform.value_or(GeoTransform{});
    const auto to_pixel = [&](Point p) { return transform.to_pixel(p); };
    Samples samples;
    std::vector<std::string> names;
    std::size_t unnamed = 0;
    for (const output::MixedFeature& feature : layer.features) {
        const std::string name =
            options.class_field.empty() ? options.class_name : class_of(feature.values[column]);
        if (name.empty()) {
            ++unnamed;
            continue;
        }
        Sample sample;
        sample.mask = polygon_mask(mapped(feature.polygons, to_pixel), scene);
        for (const Point& p : feature.points)
            if (const Point at = to_pixel(p); at.x >= 0 && at.y >= 0 &&
                                              at.x < static_cast<double>(scene.width) &&
                                              at.y < static_cast<double>(scene.height))
                sample.points.push_back(at);
        if (sample.mask.empty() && sample.points.empty()) continue;
        samples.points = samples.points || !sample.points.empty();
        names.push_back(name);
        samples.list.push_back(std::move(sample));
    }
    if (samples.list.empty())
        throw Error(options.layer,
                    unnamed == layer.features.size()
                        ? "no sample has a class in its field '" + options.class_field + "'"
                        : "none of its samples lies on the scene '" + scene.path + "'",
                    "give samples of this scene with a class each");
    samples.classes.assign(names.begin(), names.end());
    std::sort(samples.classes.begin(), samples.classes.end());
    samples.classes.erase(std::unique(samples.classes.begin(), samples.classes.end()), samples.classes.end());
    for (std::size_t i = 0; i < names.size(); ++i)
        samples.list[i].label =
            static_cast<int>(std::lower_bound(samples.classes.begin(), samples.classes.end(), names[i]) -
                             samples.classes.begin());
    return samples;
}

// Calls use(segment, sample, pixels in both) for segments and polygons that share any.
template <typename Use>
void for_shared(const MeasuredLayer& measured, const Samples& samples, const Use& use) {
    std::vector<const RunMask*> masks;
    for (const RunMask& mask : measured.masks) masks.push_back(&mask);
    for (const Sample& sample : samples.list) masks.push_back(&sample.mask);
    const std::size_t segments = measured.masks.size();
    for (const segments::SharedPixels& pair : segments::shared_pixels(masks))
        if (pair.first < segments && pair.second >= segments)
            use(pair.first, pair.second - segments, static_cast<double>(pair.pixels));
}

double default_reach(const Samples& samples) {
    std::vector<std::int64_t> areas;
    for (const Sample& sample : samples.list) areas.push_back(sample.mask.area());
    std::nth_element(areas.begin(), areas.begin() + static_cast<std::ptrdiff_t>(areas.size() / 2),
                     areas.end());
    return std::max(8.0, std::sqrt(static_cast<double>(areas[areas.size() / 2])));
}

// Whether the bounds of a segment lie within `reach` pixels of those of a sample. Samples are kept by the
// cells of a grid.
std::vector<bool> near_samples(const MeasuredLayer& measured, const Samples& samples, double reach) {
    const auto step = static_cast<std::int64_t>(std::max(64.0, std::ceil(reach)));
    const auto margin = static_cast<std::int64_t>(std::ceil(reach));
    const auto grown = [&](const RunMask& mask) {
        const PixelBox box = mask.bounds();
        return PixelBox{box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin};
    };
    const auto for_cells = [&](const PixelBox& box, const auto& use) {
        for (std::int64_t y = (box.y + 4 * step) / step - 4; y * step < box.bottom(); ++y)
            for (std::int64_t x = (box.x + 4 * step) / step - 4; x * step < box.right(); ++x)
                use(std::make_pair(x, y));
    };
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<PixelBox>> cells;
    for (const Sample& sample : samples.list)
        if (!sample.mask.empty())
            for_cells(grown(sample.mask),
                      [&](const auto& cell) { cells[cell].push_back(grown(sample.mask)); });
    std::vector<bool> near(measured.masks.size());
    for (std::size_t i = 0; i < near.size(); ++i) {
        if (measured.masks[i].empty()) continue;
        const PixelBox bounds = measured.masks[i].bounds();
        for_cells(bounds, [&](const auto& cell) {
            const auto found = cells.find(cell);
            if (near[i] || found == cells.end()) return;
            near[i] = std::any_of(found->second.begin(), found->second.end(),
                                  [&](const PixelBox& box) { return !intersection(box, bounds).empty(); });
        });
    }
    return near;
}

void label_by_object(const SampleOptions& options, const MeasuredLayer& measured, const Samples& samples,
                     SegmentLabels& labels) {
    std::vector<double> best(measured.masks.size());
    std::vector<int> sample_of(measured.masks.size(), -1);
    for_shared(measured, samples, [&](std::size_t segment, std::size_t sample, double shared) {
        const double both =
            static_cast<double>(measured.masks[segment].area() + samples.list[sample].mask.area()) - shared;
        if (shared / both > best[segment]) {
            best[segment] = shared / both;
            sample_of[segment] = static_cast<int>(sample);
        }
    });
    const auto own = std::find(labels.classes.begin(), labels.classes.end(), "other");
    const int other = static_cast<int>(own - labels.classes.begin());
    if (own == labels.classes.end()) labels.classes.push_back("other");
    const double pixel = measured.gsd > 0 ? measured.gsd : 1;
    const std::vector<bool> near =
        near_samples(measured, samples, options.near >= 0 ? options.near / pixel : default_reach(samples));
    for (std::size_t i = 0; i < measured.masks.size(); ++i) {
        labels.judged[i] = near[i];
        if (best[i] >= same_object) {
            labels.of_segments[i] = samples.list[static_cast<std::size_t>(sample_of[i])].label;
            labels.sample_of[i] = sample_of[i];
        } else if (near[i] && best[i] < surely_other) {
            labels.of_segments[i] = other;
        } else {
            labels.ambiguous += near[i];
        }
    }
}

void label_by_area(const MeasuredLayer& measured, const Samples& samples, SegmentLabels& labels) {
    std::vector<std::map<int, double>> shares(measured.masks.size());
    for_shared(measured, samples, [&](std::size_t segment, std::size_t sample, double shared) {
        shares[segment][samples.list[sample].label] +=
            shared / static_cast<double>(measured.masks[segment].area());
    });
    std::vector<std::map<int, double>> points(measured.masks.size());
    for (std::size_t i = 0; i < measured.masks.size() && samples.points; ++i)
        for (const Sample& sample : samples.list)
            for (const Point& p : sample.points)
                if (measured.masks[i].contains(static_cast<std::int64_t>(p.x),
                                               static_cast<std::int64_t>(p.y)))
                    ++points[i][sample.label];
    const auto most = [](const std::map<int, double>& counts, bool& tie) {
        auto best = counts.begin();
        for (auto at = counts.begin(); at != counts.end(); ++at)
            if (at->second > best->second) best = at;
        tie = std::count_if(counts.begin(), counts.end(),
                            [&](const auto& entry) { return entry.second == best->second; }) > 1;
        return best;
    };
    for (std::size_t i = 0; i < measured.masks.size(); ++i) {
        bool tie = false;
        if (!shares[i].empty()) {
            const auto best = most(shares[i], tie);
            if (best->second >= covered_share && !tie)
                labels.of_segments[i] = best->first;
            else
                ++labels.ambiguous;
        } else if (!points[i].empty()) {
            const auto best = most(points[i], tie);
            if (tie)
                ++labels.ambiguous;
            else
                labels.of_segments[i] = best->first;
        }
    }
}

// With one class of areas: what lies near samples and is not on any is other.
void add_other(const SampleOptions& options, const MeasuredLayer& measured, const Samples& samples,
               SegmentLabels& labels) {
    labels.classes.push_back("other");
    std::vector<bool> touched(measured.masks.size());
    for_shared(measured, samples, [&](std::size_t segment, std::size_t, double) { touched[segment] = true; });
    const double pixel = measured.gsd > 0 ? measured.gsd : 1;
    const std::vector<bool> near =
        near_samples(measured, samples, options.near >= 0 ? options.near / pixel : default_reach(samples));
    for (std::size_t i = 0; i < measured.masks.size(); ++i)
        if (near[i] && !touched[i]) labels.of_segments[i] = static_cast<int>(labels.classes.size()) - 1;
}

}  // namespace

void SampleOptions::validate() const {
    const auto refuse = [](const std::string& option, const std::string& cause,
                           const std::string& remedy = "") {
        throw Error(option, cause, remedy, ErrorKind::usage);
    };
    if (layer.empty()) return;
    if (class_field.empty() == class_name.empty())
        refuse("--training", "needs either --class-field or --class",
               "name the field with the samples' classes, or the one class of all");
    if (!match.empty() && match != "objects" && match != "areas")
        refuse("--match", "must be objects or areas");
    if (!std::isfinite(near)) refuse("--near", "must be a distance");
    if (class_name == "other")
        refuse("--class", "'other' is what is learned from the scene", "give the class another name");
}

SegmentLabels label_segments(const SampleOptions& options, const MeasuredLayer& measured) {
    const Samples samples = read_samples(options, measured.scene);
    SegmentLabels labels;
    labels.classes = samples.classes;
    labels.samples = static_cast<std::int64_t>(samples.list.size());
    labels.of_segments.assign(measured.masks.size(), -1);
    labels.sample_of.assign(measured.masks.size(), -1);
    labels.judged.assign(measured.masks.size(), false);
    labels.objects =
        !samples.points && (options.match.empty() ? !options.class_name.empty() : options.match == "objects");
    if (samples.points && !options.class_name.empty())
        throw Error(options.layer, "its samples are points of one class, which tell nothing of what is other",
                    "give points of other classes as well and name their field as --class-field",
                    ErrorKind::usage);
    if (labels.objects)
        label_by_object(options, measured, samples, labels);
    else
        label_by_area(measured, samples, labels);
    if (!labels.objects && !options.class_name.empty()) add_other(options, measured, samples, labels);
    for (std::size_t i = 0; i < labels.judged.size(); ++i)
        labels.judged[i] = labels.judged[i] || labels.of_segments[i] >= 0;
    const std::set<int> present(labels.of_segments.begin(), labels.of_segments.end());
    const auto classes = static_cast<std::size_t>(
        std::count_if(present.begin(), present.end(), [](int label) { return label >= 0; }));
    if (classes == 0 || (labels.objects && std::all_of(labels.sample_of.begin(), labels.sample_of.end(),
                                                       [](int s) { return s < 0; })))
        throw Error(options.layer,
                    "no segment is like any of its " + std::to_string(labels.samples) + " samples",
                    labels.objects ? "segment the scene finer or coarser, so that objects are segments, or "
                                     "take samples as --match areas"
                                   : "give samples that cover at least half of some segments");
    if (classes == 1)
        throw Error(options.layer,
                    "its samples teach one class only, '" +
                        labels.classes[static_cast<std::size_t>(*present.rbegin())] + "'",
                    "give samples of what is not of this class as well, or name it with --class in place of "
                    "--class-field");
    return labels;
}

std::vector<int> spatial_folds(const SegmentLabels& labels, const MeasuredLayer& measured, int folds,
                               std::uint64_t seed) {
    PixelBox all;
    for (std::size_t i = 0; i < measured.masks.size(); ++i)
        if (labels.of_segments[i] >= 0) all = bounding(all, measured.masks[i].bounds());
    std::vector<int> fold_of_block(static_cast<std::size_t>(blocks_a_side * blocks_a_side));
    for (std::size_t i = 0; i < fold_of_block.size(); ++i) fold_of_block[i] = static_cast<int>(i) % folds;
    std::mt19937_64 random(seed);
    for (std::size_t i = fold_of_block.size(); i > 1; --i)
        std::swap(fold_of_block[i - 1], fold_of_block[random() % i]);
    const auto block = [](std::int64_t at, std::int64_t first, std::int64_t length) {
        return std::clamp<std::int64_t>((at - first) * blocks_a_side / std::max<std::int64_t>(1, length), 0,
                                        blocks_a_side - 1);
    };
    std::vector<int> of_segments(measured.masks.size(), -1);
    for (std::size_t i = 0; i < of_segments.size(); ++i) {
        if (!labels.judged[i]) continue;
        const PixelBox box = measured.masks[i].bounds();
        const auto x = block(box.x + box.width / 2, all.x, all.width),
                   y = block(box.y + box.height / 2, all.y, all.height);
        of_segments[i] = fold_of_block[static_cast<std::size_t>(y * blocks_a_side + x)];
    }
    return of_segments;
}

}  // namespace landseam::pipeline
