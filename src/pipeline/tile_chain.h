// From the masks of tiles to features in their file, all at once: while some tiles are looked at, what others
// finished is merged, made into features and written.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/core/tile_mask.h"
#include "landseam/seam_merge/seam_merger.h"
#include "landseam/tiling/tile_layout.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct TileChain {
    tiling::TileLayout tiles;
    seam_merge::MergeOptions merge;
    // The masks of a tile, in its own pixels; nothing where it could not be looked at. Called on any thread,
    // for several tiles at a time.
    std::function<std::optional<std::vector<TileMask>>(int tile)> masks_of;
    // Sees the masks of every tile that was looked at in the working order, before the merge takes them; may
    // be empty.
    std::function<void(int tile, const std::vector<TileMask>& masks)> on_tile;
    // Makes finished segments, whose ids count up from `first_id`, into something to write: called on any
    // thread, for several batches at a time. What it returns is called batch after batch in the order of ids.
    std::function<std::function<void()>(std::int64_t first_id, std::vector<Segment> segments)> prepare;
    std::string note = {};  // shown with the progress until the first tile is done
};

struct TileChainReport {
    std::int64_t masks = 0;
    std::int64_t segments = 0;
};

// Runs on the threads of the current arena. Tiles are begun and merged in TileLayout::working_order, and ids
// count segments as they are finished in it, so that nothing written depends on who was faster. At most
// `tiles_in_flight` tiles are somewhere between being begun and being written. The first exception ends the
// run and is thrown.
TileChainReport run_tile_chain(const TileChain& chain, int tiles_in_flight, Progress& progress);

}  // namespace landseam::pipeline
