#include "landseam/pipeline/tile_cost.h"

#include "landseam/tiling/tile_pyramid.h"

#include "pipeline/model_memory.h"
#include "pipeline/prepared_run.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <chrono>

namespace landseam::pipeline {
namespace {

// Fields of several sizes and shades, with a little grain.
ImageU8 drawn_tile(int side, int channels) {
    ImageU8 picture(side, side, channels);
    std::size_t at = 0;
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            for (int channel = 0; channel < channels; ++channel) {
                const int column = (x + y / 5) * 12 / side, row = (y + x / 9) * 9 / side;
                const int shade = (column * 53 + row * 97 + (column ^ row) * 31) % 160;
                picture.values[at++] =
                    static_cast<std::uint8_t>(40 + shade + channel * 7 % 30 + (x * 7 + y * 13) % 9);
            }
    return picture;
}

}  // namespace

std::int64_t TileCost::tiles(std::int64_t width, std::int64_t height) const {
    return tiling::TilePyramid(width, height, {tile_size, tile_overlap, 0, 0}, coarse_levels).count();
}

TileCost measure_tile_cost(const SegmentOptions& requested, Progress& progress) {
    requested.validate();
    sam::use_one_thread_per_call();
    const LoadedModel model = load_model(requested.checkpoint, requested.device,
                                         sam::precision_named(requested.precision), progress);
    const SegmentOptions options = completed_options(requested, model);
    const int channels = static_cast<int>(sam::model_info(*model.sam).bands);

    PictureNeeds needs;
    needs.side = std::int64_t{options.tile_size} << options.coarse_levels;
    needs.bands = needs.channels = static_cast<std::size_t>(channels);
    needs.rows_read = rows_read_at_once;
    needs.prompts = std::int64_t{options.generator.points_per_side} * options.generator.points_per_side;
    needs.prompts_at_once = options.generator.points_per_batch;
    const MemoryNeeds memory = memory_needs(options, *model.sam, needs);

    const mask_generation::AutomaticMaskGenerator generator(model.sam, options.generator);
    const ImageU8 picture = drawn_tile(options.tile_size, channels);
    const auto begun = std::chrono::steady_clock::now();
    generator.generate(picture);
    TileCost cost;
    cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    cost.memory = memory.fixed + memory.tile;
    cost.tile_size = options.tile_size;
    cost.tile_overlap = options.tile_overlap;
    cost.coarse_levels = options.coarse_levels;
    return cost;
}

}  // namespace landseam::pipeline
