#include "landseam/pipeline/overlap_policy.h"

#include "landseam/core/error.h"
#include "landseam/raster/georeference.h"

#include "pipeline/stop.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace landseam::pipeline {
namespace {

constexpr std::int64_t block_side = 1024;  // of the windows in which validity is looked up

std::vector<const RunMask*> masks_of(const std::vector<Segment>& segments) {
    std::vector<const RunMask*> masks;
    for (const Segment& segment : segments) masks.push_back(&segment.mask);
    return masks;
}

std::vector<const RunMask*> pointers(const std::vector<RunMask>& masks) {
    std::vector<const RunMask*> result;
    for (const RunMask& mask : masks) result.push_back(&mask);
    return result;
}

// The best first.
std::vector<std::size_t> by_quality(const std::vector<Segment>& segments) {
    std::vector<std::size_t> order(segments.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<std::pair<double, std::int64_t>> quality;
    for (const Segment& segment : segments)
        quality.emplace_back(segment.predicted_iou * segment.stability_score, segment.mask.area());
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return quality[a] > quality[b]; });
    return order;
}

// Drops those that are too small or too large, and tells how many.
std::int64_t drop_by_area(std::vector<Segment>& segments, const AreaLimits& limits,
                          const raster::Georeference& georeference) {
    const std::size_t before = segments.size();
    segments.erase(std::remove_if(segments.begin(), segments.end(),
                                  [&](const Segment& segment) {
                                      return segment.mask.empty() ||
                                             limits.is_too_small(segment.mask, georeference) ||
                                             limits.is_too_large(segment.mask, georeference);
                                  }),
                   segments.end());
    return static_cast<std::int64_t>(before - segments.size());
}

// Leaves out, again and again, whatever ends up with too little.
template <typename Flatten>
std::int64_t flatten_until_large_enough(std::vector<Segment>& segments, const AreaLimits& limits,
                                        const raster::Georeference& georeference, const Flatten& flatten) {
    std::int64_t left_out = 0;
    for (;;) {
        check_stop();
        std::vector<RunMask> flat = flatten(segments);
        std::vector<Segment> kept;
        for (std::size_t i = 0; i < segments.size(); ++i)
            if (!flat[i].empty() && !limits.is_too_small(flat[i], georeference))
                kept.push_back(std::move(segments[i]));
        const std::size_t dropped = segments.size() - kept.size();
        if (dropped == 0) {
            for (std::size_t i = 0; i < kept.size(); ++i) kept[i].mask = std::move(flat[i]);
            segments = std::move(kept);
            return left_out;
        }
        left_out += static_cast<std::int64_t>(dropped);
        segments = std::move(kept);
    }
}

// Takes away what lies on pixels without data, or outside of the area of interest.
void keep_valid(std::vector<RunMask>& masks, const raster::RasterSource& source,
                const MultiPolygon& area_of_interest) {
    const raster::SceneInfo& info = source.info();
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::size_t>> by_block;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        if (masks[i].empty()) continue;
        const PixelBox box = masks[i].bounds();
        for (std::int64_t row = box.y / block_side; row <= (box.bottom() - 1) / block_side; ++row)
            for (std::int64_t column = box.x / block_side; column <= (box.right() - 1) / block_side; ++column)
                by_block[{row, column}].push_back(i);
    }
    for (const auto& [block, here] : by_block) {
        check_stop();
        const PixelBox frame =
            intersection({block.second * block_side, block.first * block_side, block_side, block_side},
                         {0, 0, info.width, info.height});
        RasterWindow window = source.read(frame, info.image_bands);
        cut_to_area(window.valid, frame, area_of_interest);
        for (std::uint8_t& value : window.valid.values) value = !value;
        const RunMask invalid = RunMask::from_image(window.valid).shifted(frame.x, frame.y);
        if (invalid.empty()) continue;
        for (const std::size_t i : here) masks[i] = set_difference(masks[i], invalid);
    }
}

void fill_gaps(std::vector<Segment>& segments, int width, const raster::RasterSource& source,
               const MultiPolygon& area_of_interest) {
    std::vector<RunMask> slits = segments::find_slits(masks_of(segments), width);
    keep_valid(slits, source, area_of_interest);
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (!slits[i].empty()) segments[i].mask = set_union(segments[i].mask, slits[i]);
}

}  // namespace

void OverlapOptions::validate() const {
    if (policy != "keep" && policy != "flat" && policy != "tree")
        throw Error("--overlap", "'" + policy + "' is none of keep, flat and tree", "", ErrorKind::usage);
    if (fill_gaps < 0 || fill_gaps > 1000)
        throw Error("--fill-gaps", "must be from 0 to 1000 pixels", "", ErrorKind::usage);
    if (fill_gaps > 0 && !is_flat()) throw Error("--fill-gaps", "needs --overlap flat", "", ErrorKind::usage);
    AreaLimits::parse(min_area, max_area);
}

ArrangedSegments arrange_segments(std::vector<Segment> given, const OverlapOptions& options,
                                  const raster::RasterSource& source, const MultiPolygon& area_of_interest) {
    const raster::Georeference georeference(source.info());
    const AreaLimits limits = AreaLimits::parse(options.min_area, options.max_area);
    limits.check_against(georeference);
    ArrangedSegments arranged;
    arranged.segments = std::move(given);
    std::vector<Segment>& segments = arranged.segments;
    arranged.left_out = drop_by_area(segments, limits, georeference);
    if (options.is_flat()) {
        arranged.left_out +=
            flatten_until_large_enough(segments, limits, georeference, [](const std::vector<Segment>& all) {
                return segments::flatten(masks_of(all), by_quality(all));
            });
        if (options.fill_gaps > 0) fill_gaps(segments, options.fill_gaps, source, area_of_interest);
        arranged.corners = vectors::corners_of(masks_of(segments));
    } else if (options.is_tree()) {
        arranged.left_out +=
            flatten_until_large_enough(segments, limits, georeference, [&](const std::vector<Segment>& all) {
                arranged.places = segments::find_parts(masks_of(all));
                return segments::flatten_tree(masks_of(all), arranged.places, by_quality(all));
            });
        // Of what lies in one another the innermost counts.
        std::vector<std::size_t> deepest_first(segments.size());
        std::iota(deepest_first.begin(), deepest_first.end(), std::size_t{0});
        std::stable_sort(deepest_first.begin(), deepest_first.end(), [&](std::size_t a, std::size_t b) {
            return arranged.places[a].depth > arranged.places[b].depth;
        });
        const std::vector<RunMask> ground = segments::flatten(masks_of(segments), deepest_first);
        arranged.corners = vectors::corners_of(pointers(ground));
    }
    return arranged;
}

}  // namespace landseam::pipeline
