#include "pipeline/scene_measures.h"

#include "landseam/bands/channel_plan.h"
#include "landseam/core/error.h"
#include "landseam/core/polygon_fill.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/segments/band_statistics.h"

#include "pipeline/mapped_polygons.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <set>
#include <tuple>

namespace landseam::pipeline {
namespace {

constexpr std::int64_t block_side = 512;  // of what is measured at once, in pixels of the picture measured in
constexpr std::int64_t largest_side = 512;  // of a segment in that picture

std::string common_name_of(const BandDescription& band, const std::string& preset,
                           const std::vector<BandDescription>& all) {
    bands::ChannelRequest request;
    request.preset = preset.substr(0, preset.find(':'));
    request.bands = std::to_string(band.number);
    try {
        return bands::plan_channels(request, all, nullptr).channels.at(0).common_name;
    } catch (const Error&) {
        return {};  // a preset that does not know this band
    }
}

// Pixels that are `scale` × `scale` of the scene's, so that no segment is wider than largest_side.
std::int64_t scale_for(const PixelBox& bounds) {
    std::int64_t scale = 1;
    while (std::max(bounds.width, bounds.height) > scale * largest_side) scale *= 2;
    return scale;
}

// Segments that are measured in one window.
struct Block {
    std::int64_t scale = 1;
    std::vector<std::size_t> segments;
};

std::vector<Block> blocks_of(const std::vector<RunMask>& masks) {
    std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, Block> by_place;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        if (masks[i].empty()) continue;
        const PixelBox bounds = masks[i].bounds();
        const std::int64_t scale = scale_for(bounds), side = block_side * scale;
        Block& block =
            by_place[{scale, (bounds.y + bounds.height / 2) / side, (bounds.x + bounds.width / 2) / side}];
        block.scale = scale;
        block.segments.push_back(i);
    }
    std::vector<Block> blocks;
    for (auto& [place, block] : by_place) blocks.push_back(std::move(block));
    return blocks;
}

// Around all of the block's segments, with edges at multiples of its scale.
PixelBox window_of(const Block& block, const std::vector<RunMask>& masks, const raster::SceneInfo& info) {
    PixelBox all;
    for (const std::size_t i : block.segments) all = bounding(all, masks[i].bounds());
    const std::int64_t margin = segments::PictureMeasures::reach + 1;
    const auto first = [&](std::int64_t begin) {
        return std::max<std::int64_t>(0, begin / block.scale - margin) * block.scale;
    };
    const auto last = [&](std::int64_t end, std::int64_t length) {
        return std::min((end / block.scale + margin) * block.scale, length / block.scale * block.scale);
    };
    const std::int64_t x = first(all.x), y = first(all.y);
    return {x, y, last(all.right(), info.width) - x, last(all.bottom(), info.height) - y};
}

void measure(const Block& block, const raster::RasterSource& source, const segments::MeasurePlan& plan,
             const std::vector<MultiPolygon>& outlines, const std::vector<RunMask>& masks,
             segments::FeatureTable& table) {
    const PixelBox window = window_of(block, masks, source.info());
    if (window.empty()) return;
    const int width = static_cast<int>(window.width / block.scale),
              height = static_cast<int>(window.height / block.scale);
    const segments::PictureMeasures picture(plan,
                                            source.read(window, source.info().image_bands, width, height));
    const double step = 1 / static_cast<double>(block.scale);
    for (const std::size_t i : block.segments) {
        const auto place = [&](Point p) {
            return Point{(p.x - static_cast<double>(window.x)) * step,
                         (p.y - static_cast<double>(window.y)) * step};
        };
        const RunMask mask = block.scale == 1
                                 ? masks[i].shifted(-window.x, -window.y)
                                 : fill_polygons(mapped(outlines[i], place), {0, 0, width, height});
        const std::vector<float> measures = picture.measure(mask);
        std::copy(measures.begin(), measures.end(), table.row(i));
    }
}

}  // namespace

segments::MeasurePlan plan_measures(const raster::RasterSource& source, const std::string& preset) {
    const raster::SceneInfo& info = source.info();
    std::vector<BandDescription> image_bands;
    for (const BandDescription& band : info.bands)
        if (std::count(info.image_bands.begin(), info.image_bands.end(), band.number))
            image_bands.push_back(band);
    std::vector<std::string> common;
    for (const BandDescription& band : image_bands)
        common.push_back(common_name_of(band, preset, image_bands));
    const RasterWindow sample = read_sample(source, info.image_bands);
    segments::MeasurePlan plan;
    for (std::size_t i = 0; i < image_bands.size(); ++i) {
        const BandDescription& band = image_bands[i];
        segments::Moments moments;
        for (std::size_t k = 0; k < sample.valid.values.size(); ++k)
            if (sample.valid.values[k]) moments.combine({1, sample.bands[i].values[k], 0});
        const bool unique = !common[i].empty() && std::count(common.begin(), common.end(), common[i]) == 1;
        plan.bands.push_back({unique ? common[i] : "b" + std::to_string(band.number), band.scale, band.offset,
                              moments.mean, moments.standard_deviation()});
    }
    plan.indices = segments::indices_of(common);
    return plan;
}

segments::FeatureTable measure_in_scene(const raster::RasterSource& source, const segments::MeasurePlan& plan,
                                        const std::vector<MultiPolygon>& outlines,
                                        const std::vector<RunMask>& masks, const ParallelFor& parallel_for,
                                        Progress& progress) {
    segments::FeatureTable table;
    table.names = segments::picture_measure_names(plan);
    table.values.assign(masks.size() * table.columns(), std::numeric_limits<float>::quiet_NaN());
    const std::vector<Block> blocks = blocks_of(masks);
    std::atomic<std::int64_t> done{0};
    progress.begin("segments", static_cast<std::int64_t>(masks.size()));
    parallel_for(blocks.size(), [&](std::size_t k) {
        measure(blocks[k], source, plan, outlines, masks, table);
        progress.update(done += static_cast<std::int64_t>(blocks[k].segments.size()), "");
    });
    progress.end();
    return table;
}

}  // namespace landseam::pipeline
