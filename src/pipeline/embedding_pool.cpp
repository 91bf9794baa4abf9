#include "pipeline/embedding_pool.h"

#include "landseam/sam/picture_embedding.h"

#include "pipeline/model_memory.h"
#include "pipeline/stop.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

// Sums over the pixels that a tile's core has of a segment.
struct Pooled {
    std::size_t segment = 0;
    double inside = 0;  // pixels
    double around = 0;
    std::vector<double> inside_sums, around_sums;  // a value a channel
};

PixelBox surroundings_of(const RunMask& mask) {
    const PixelBox bounds = mask.bounds();
    const auto margin = [](std::int64_t side) { return std::max<std::int64_t>(4, side / 4); };
    const std::int64_t x = margin(bounds.width), y = margin(bounds.height);
    return {bounds.x - x, bounds.y - y, bounds.width + 2 * x, bounds.height + 2 * y};
}

// How many pixels of `runs`, which are in the tile's pixels, each cell holds.
std::vector<int> count_cells(const RunMask& runs, const sam::PictureEmbedding& embedding) {
    const ImageF& cells = embedding.cells;
    const auto cell_of = [&](std::int32_t pixel, int most) {
        return std::min(static_cast<int>((pixel + 0.5) / embedding.cell_size), most - 1);
    };
    std::vector<int> counts(cells.pixel_count());
    for (const Run& run : runs.runs())
        for (std::int32_t x = run.x_begin; x < run.x_end; ++x)
            ++counts[static_cast<std::size_t>(cell_of(run.y, cells.height)) * cells.width +
                     cell_of(x, cells.width)];
    return counts;
}

double add_cells(const std::vector<int>& counts, const ImageF& cells, std::vector<double>& sums) {
    sums.assign(static_cast<std::size_t>(cells.channels), 0);
    double all = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        all += counts[i];
        const float* const values = cells.values.data() + i * cells.channels;
        for (int c = 0; c < cells.channels; ++c)
            sums[static_cast<std::size_t>(c)] += counts[i] * static_cast<double>(values[c]);
    }
    return all;
}

class Pool {
public:
    Pool(const ScenePicture& picture, const tiling::TileGrid& grid, const LoadedModel& model,
         sam::EmbeddingCache* cache, const std::vector<RunMask>& masks)
        : picture_(picture),
          model_(model),
          cache_(cache),
          masks_(masks),
          segments_(static_cast<std::size_t>(grid.count())),
          grid_(grid) {
        // Cores lie in rows and columns: where each of them ends tells which ones a box reaches.
        std::vector<std::int64_t> rights, bottoms;
        for (int column = 0; column < grid.columns(); ++column)
            rights.push_back(grid.tile(column).core.right());
        for (int row = 0; row < grid.rows(); ++row)
            bottoms.push_back(grid.tile(row * grid.columns()).core.bottom());
        const auto reached = [](const std::vector<std::int64_t>& ends, std::int64_t begin, std::int64_t end) {
            const auto first = std::upper_bound(ends.begin(), ends.end(), begin),
                       last = std::lower_bound(ends.begin(), ends.end(), end);
            return std::pair(
                static_cast<int>(first - ends.begin()),
                std::min(static_cast<int>(last - ends.begin()), static_cast<int>(ends.size()) - 1));
        };
        for (std::size_t i = 0; i < masks.size(); ++i) {
            if (masks[i].empty()) continue;
            const PixelBox reach = surroundings_of(masks[i]);
            const auto [first_row, last_row] = reached(bottoms, reach.y, reach.bottom());
            const auto [first_column, last_column] = reached(rights, reach.x, reach.right());
            for (int row = first_row; row <= last_row; ++row)
                for (int column = first_column; column <= last_column; ++column)
                    segments_[static_cast<std::size_t>(row * grid.columns() + column)].push_back(i);
        }
    }

    bool is_empty(int tile) const { return segments_[static_cast<std::size_t>(tile)].empty(); }

    std::vector<Pooled> pool(int index, const ParallelFor& parallel_for) const {
        const tiling::Tile tile = grid_.tile(index);
        const RasterWindow pixels = picture_.source->read(tile.window, picture_.plan.source_bands);
        const ImageU8 rgb = bands::to_rgb(pixels, picture_.plan, picture_.stretch);
        const sam::PictureEmbedding embedding = sam::embed_picture(model_.sam, rgb, cache_, parallel_for);
        std::vector<Pooled> result;
        for (const std::size_t i : segments_[static_cast<std::size_t>(index)]) {
            const RunMask inside = masks_[i].clipped(tile.core);
            const RunMask around = set_difference(
                RunMask::from_box(intersection(surroundings_of(masks_[i]), tile.core)), inside);
            Pooled part;
            part.segment = i;
            const auto place = [&](const RunMask& mask) {
                return count_cells(mask.shifted(-tile.window.x, -tile.window.y), embedding);
            };
            part.inside = add_cells(place(inside), embedding.cells, part.inside_sums);
            part.around = add_cells(place(around), embedding.cells, part.around_sums);
            result.push_back(std::move(part));
        }
        return result;
    }

private:
    const ScenePicture& picture_;
    const LoadedModel& model_;
    sam::EmbeddingCache* cache_;
    const std::vector<RunMask>& masks_;
    std::vector<std::vector<std::size_t>> segments_;  // that reach into each tile's core
    const tiling::TileGrid& grid_;
};

}  // namespace

segments::FeatureTable pool_embedding(const ScenePicture& picture, const tiling::TileGrid& grid,
                                      const LoadedModel& model, const ModelOptions& options,
                                      const std::vector<RunMask>& masks, Progress& progress) {
    std::unique_ptr<sam::EmbeddingCache> cache;
    if (!options.embeddings.empty())
        cache = std::make_unique<sam::EmbeddingCache>(
            options.embeddings, sam::fingerprint(*model.sam),
            [&](const std::string& message) { progress.warn(message); });
    const Pool pool(picture, grid, model, cache.get(), masks);
    const auto channels = static_cast<std::size_t>(sam::model_info(*model.sam).transformer_dim);
    segments::FeatureTable table;
    for (const char* name : {"sam_", "sam_around_"})
        for (std::size_t c = 0; c < channels; ++c) table.names.push_back(name + std::to_string(c));
    const float unknown = std::numeric_limits<float>::quiet_NaN();
    std::vector<double> inside(masks.size()), around(masks.size());
    std::vector<float> sums(masks.size() * 2 * channels);

    PictureNeeds needs;
    needs.side = grid.tile(0).window.width;
    needs.bands = picture.plan.source_bands.size();
    needs.channels = picture.plan.channels.size();
    needs.prompts_at_once = 1;
    const TileSchedule schedule =
        plan_pictures(grid.count(), options, memory_needs(options, *model.sam, needs));
    tbb::task_arena arena(schedule.threads);
    const ParallelFor shared = shared_with_idle_threads();
    progress.begin("embeddings", grid.count());
    // Row by row of the grid, so that little waits to be added up, in an order that threads have no part in.
    for (int row = 0; row < grid.rows(); ++row) {
        for (int first = 0; first < grid.columns(); first += schedule.tiles_at_once * 4) {
            check_stop();
            const int count = std::min(schedule.tiles_at_once * 4, grid.columns() - first);
            std::vector<std::vector<Pooled>> parts(static_cast<std::size_t>(count));
            arena.execute([&] {
                shared(static_cast<std::size_t>(count), [&](std::size_t k) {
                    const int tile = row * grid.columns() + first + static_cast<int>(k);
                    if (!pool.is_empty(tile)) parts[k] = pool.pool(tile, serial_for);
                });
            });
            for (const std::vector<Pooled>& of_tile : parts)
                for (const Pooled& part : of_tile) {
                    inside[part.segment] += part.inside;
                    around[part.segment] += part.around;
                    float* const to = sums.data() + part.segment * 2 * channels;
                    for (std::size_t c = 0; c < channels; ++c) {
                        to[c] += static_cast<float>(part.inside_sums[c]);
                        to[channels + c] += static_cast<float>(part.around_sums[c]);
                    }
                }
            progress.update(row * grid.columns() + first + count, "");
        }
    }
    progress.end();
    for (std::size_t i = 0; i < masks.size(); ++i) {
        float* const values = sums.data() + i * 2 * channels;
        for (std::size_t c = 0; c < channels; ++c) {
            values[c] = inside[i] > 0 ? values[c] / static_cast<float>(inside[i]) : unknown;
            values[channels + c] =
                around[i] > 0 ? values[c] - values[channels + c] / static_cast<float>(around[i]) : unknown;
        }
    }
    table.values = std::move(sums);
    return table;
}

}  // namespace landseam::pipeline
