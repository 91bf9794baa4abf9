// All tiles of a scene, on several threads, down to the scene's segments.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/core/tile_mask.h"
#include "landseam/mask_generation/automatic_mask_generator.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/pipeline/segment_scene.h"
#include "landseam/seam_merge/seam_merger.h"
#include "landseam/tiling/tile_pyramid.h"

#include "pipeline/memory_budget.h"
#include "pipeline/work_folder.h"

#include <functional>
#include <vector>

namespace landseam::pipeline {

// A tile's bands are read in strips of so many rows.
constexpr std::int64_t rows_read_at_once = 1024;

struct TileRun {
    const ScenePicture& picture;
    const tiling::TilePyramid& tiles;
    const MultiPolygon& area_of_interest;  // scene pixels; empty: the whole scene
    const mask_generation::AutomaticMaskGenerator& generator;
    seam_merge::MergeOptions merge;
    TileSchedule schedule;
    sam::EmbeddingCache* embeddings = nullptr;  // as in AutomaticMaskGenerator::generate
    WorkFolder* work = nullptr;                 // knows finished tiles, and gets those that are finished now
    bool keep_going = false;                    // tiles that cannot be read are left out and listed
    // As in TileChain.
    std::function<void(int tile, const std::vector<TileMask>& masks)> on_tile;
    std::function<std::function<void()>(std::int64_t first_id, std::vector<Segment> segments)> prepare;
};

struct TileRunReport {
    std::int64_t masks = 0;
    std::int64_t segments = 0;
    std::int64_t empty_tiles = 0;    // without valid pixels
    std::int64_t kept_tiles = 0;     // taken from `work`
    std::vector<FailedTile> failed;  // in the order of their indices
};

// Reading a tile is tried three times. Segments, their ids and their order do not depend on `schedule`.
TileRunReport run_tiles(const TileRun& run, Progress& progress);

// For the work on one tile: shares it with those threads of the arena that have no tile of their own; a
// thread that has one stays with it. Throws Error (passing) between two parts once a stop is requested.
ParallelFor shared_with_idle_threads();

// Sets `valid` (of the window `frame`, scene pixels) to 0 outside the area of interest; nothing if that is
// empty.
void cut_to_area(ImageU8& valid, const PixelBox& frame, const MultiPolygon& area_of_interest);

}  // namespace landseam::pipeline
