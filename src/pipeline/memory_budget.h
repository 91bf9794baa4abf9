// How much memory there is, and how many tiles may therefore be worked on at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace landseam::pipeline {

// What this process can still take before the machine or its control group (version 1 or 2, and those around
// it) runs out, file caches counted as free; nothing where the system does not tell. `root` stands for "/",
// for tests.
std::optional<std::int64_t> available_memory(const std::string& root = "");

// What this process holds now, in bytes; 0 where the system does not tell.
std::int64_t held_memory();

// Bytes. A tile takes one thread with it.
struct MemoryNeeds {
    std::int64_t fixed = 0;   // before the first tile: the program, the weights
    std::int64_t tile = 0;    // each tile worked on
    std::int64_t helper = 0;  // each thread that works on a tile beside that tile's own
};

// How the tiles of a scene are shared out.
struct TileSchedule {
    int threads = 1;
    int tiles_at_once = 1;  // those threads that have no tile of their own help with another's
    std::int64_t tile_memory = 0;
    std::int64_t memory = 0;  // of the process, with that many tiles
    std::int64_t budget = 0;  // 0: unknown
    bool fits = true;         // false: even one tile at once takes more than the budget

    std::string describe() const;  // "2 tiles at once, about 400 MiB each, of 12 GiB"
};

// As many tiles as fit into the budget (0: any number), one at least and never more than there are threads or
// tiles.
TileSchedule plan_tiles(int tiles, int threads, const MemoryNeeds& needs, std::int64_t budget);

}  // namespace landseam::pipeline
