#include "pipeline/model_memory.h"

#include "landseam/core/run_mask.h"
#include "landseam/sam/memory.h"

#include "pipeline/memory_size.h"

#include <algorithm>

namespace landseam::pipeline {
namespace {

// What a thread takes whatever it does: its stack, its part of the heap, the scene opened once more, the
// scratch memory of matrix products, masks on their way to the merge. Measured: 5 to 12 MiB.
constexpr std::int64_t thread_memory = std::int64_t{12} << 20;

}  // namespace

MemoryNeeds memory_needs(const ModelOptions& options, const sam::Sam& model, const PictureNeeds& picture) {
    sam::WorkingMemory working;  // of a GPU's memory nothing is known here
    if (options.device == "cpu")
        working = sam::working_memory(sam::model_info(model), picture.prompts_at_once);
    // Of a pixel: the bands while they are read; whether they are valid, the channels, and what a mask is
    // filled into.
    const std::int64_t rows =
        picture.rows_read > 0 ? std::min(picture.rows_read, picture.side) : picture.side;
    const auto bands = static_cast<std::int64_t>(sizeof(float) * picture.bands);
    const auto values = static_cast<std::int64_t>(picture.channels + 5);
    // Three masks a prompt, most of them much smaller than the picture: a run in every fourth row.
    const auto masks = 3 * picture.prompts * picture.side / 4 * static_cast<std::int64_t>(sizeof(Run));
    MemoryNeeds needs;
    needs.fixed = held_memory();
    needs.helper = thread_memory + working.thread;
    needs.tile =
        needs.helper + working.picture + picture.side * (picture.side * values + rows * bands) + masks;
    return needs;
}

TileSchedule plan_pictures(int pictures, const ModelOptions& options, const MemoryNeeds& needs) {
    const auto available = available_memory();
    std::int64_t budget = available ? (*available + needs.fixed) / 4 * 3 : 0;
    if (!options.max_memory.empty()) budget = parse_memory_size("--max-memory", options.max_memory);
    return plan_tiles(pictures, options.threads_or_cores(), needs, budget);
}

}  // namespace landseam::pipeline
