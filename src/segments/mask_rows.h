// The runs of many masks, row by row.
#pragma once

#include "landseam/core/run_mask.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace landseam::segments {

struct OwnedRun {
    std::int32_t x_begin = 0;
    std::int32_t x_end = 0;
    std::size_t owner = 0;  // index of the mask
};

// Calls use(y, runs) for every row that has runs, from top to bottom; runs are sorted by x_begin, then owner.
template <typename Use>
void for_each_row(const std::vector<const RunMask*>& masks, const Use& use) {
    // Masks by their first row; those that the sweep has reached and not yet passed stand in `active`.
    struct Reader {
        std::size_t owner;
        std::size_t place;
    };
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < masks.size(); ++i)
        if (!masks[i]->empty()) waiting.push_back(i);
    const auto first_row = [&](std::size_t i) { return masks[i]->runs().front().y; };
    std::stable_sort(waiting.begin(), waiting.end(),
                     [&](std::size_t a, std::size_t b) { return first_row(a) < first_row(b); });
    std::vector<Reader> active;
    std::vector<OwnedRun> runs;
    std::size_t next = 0;
    for (std::int32_t y = 0; next < waiting.size() || !active.empty(); ++y) {
        if (active.empty()) y = first_row(waiting[next]);
        while (next < waiting.size() && first_row(waiting[next]) == y) active.push_back({waiting[next++], 0});
        runs.clear();
        std::size_t kept = 0;
        for (Reader reader : active) {
            const std::vector<Run>& own = masks[reader.owner]->runs();
            for (; reader.place < own.size() && own[reader.place].y == y; ++reader.place)
                runs.push_back({own[reader.place].x_begin, own[reader.place].x_end, reader.owner});
            if (reader.place < own.size()) active[kept++] = reader;
        }
        active.resize(kept);
        std::sort(runs.begin(), runs.end(), [](const OwnedRun& a, const OwnedRun& b) {
            return a.x_begin != b.x_begin ? a.x_begin < b.x_begin : a.owner < b.owner;
        });
        if (!runs.empty()) use(y, runs);
    }
}

}  // namespace landseam::segments
