#include "pipeline/tile_chain.h"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

// A comb: every other pixel of each row, so that it has width / 2 runs a row.
TileMask comb(const PixelBox& box) {
    std::vector<Run> runs;
    for (std::int64_t y = box.y; y < box.bottom(); ++y)
        for (std::int64_t x = box.x; x < box.right(); x += 2)
            runs.push_back({static_cast<std::int32_t>(y), static_cast<std::int32_t>(x),
                            static_cast<std::int32_t>(x + 1)});
    TileMask mask;
    mask.segmentation = RunMask::from_runs(std::move(runs));
    mask.predicted_iou = mask.stability_score = 0.9;
    return mask;
}

struct Written {
    std::vector<std::int64_t> first_ids;
    std::vector<std::size_t> segments, runs;
    std::atomic<int> most_at_once{0};  // of what is prepared and not yet written
};

// One tile of 2000 × 1000 pixels with `masks` combs of 100,000 runs each.
void run_with(int masks, Written& written) {
    std::atomic<int> waiting{0};
    TileChain chain{{{0, 0, 2000, 1000}, {{0, 0, 2000, 1000}}}, {}, {}, {}, {}};
    chain.masks_of = [masks](int) {
        std::vector<TileMask> all;
        for (int i = 0; i < masks; ++i) all.push_back(comb({20, 20 + i * 120, 1960, 102}));
        return all;
    };
    chain.prepare = [&](std::int64_t first_id, std::vector<Segment> segments) {
        written.most_at_once = std::max(written.most_at_once.load(), ++waiting);
        return [&, first_id, segments = std::move(segments)] {
            --waiting;
            written.first_ids.push_back(first_id);
            written.segments.push_back(segments.size());
            std::size_t runs = 0;
            for (const Segment& segment : segments) runs += segment.mask.runs().size();
            written.runs.push_back(runs);
        };
    };
    run_tile_chain(chain, 4, *silent_progress());
}

TEST(TileChainTest, PreparesWhatHasFewRunsAtOnce) {
    Written written;
    run_with(2, written);
    EXPECT_EQ(written.segments, (std::vector<std::size_t>{2}));
    EXPECT_EQ(written.first_ids, (std::vector<std::int64_t>{1}));
}

TEST(TileChainTest, PreparesWhatHasManyRunsPartByPartWhenItIsWritten) {
    Written written;
    run_with(7, written);
    EXPECT_EQ(written.first_ids, (std::vector<std::int64_t>{1, 3, 5, 7}));
    EXPECT_EQ(written.segments, (std::vector<std::size_t>{2, 2, 2, 1}));
    for (const std::size_t runs : written.runs) EXPECT_LE(runs, 250'000u);
    EXPECT_EQ(written.most_at_once, 1);
}

}  // namespace
}  // namespace landseam::pipeline
