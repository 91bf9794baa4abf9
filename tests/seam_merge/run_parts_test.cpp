#include "seam_merge/run_parts.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace landseam::seam_merge {
namespace {

RunMask random_mask(int width, int height, unsigned one_in, unsigned seed) {
    std::mt19937 random(seed);
    ImageU8 image(width, height);
    for (auto& value : image.values) value = random() % one_in == 0;
    return RunMask::from_image(image);
}

TEST(ConnectedParts, KeepsDiagonalNeighboursApart) {
    const Parts parts = connected_parts(RunMask::from_runs({{0, 0, 2}, {1, 2, 4}}));
    EXPECT_EQ(parts.count, 2);
}

TEST(ConnectedParts, JoinsTheLegsOfAUThroughItsBottom) {
    const Parts parts =
        connected_parts(RunMask::from_runs({{0, 0, 1}, {0, 4, 5}, {1, 0, 1}, {1, 4, 5}, {2, 0, 5}}));
    EXPECT_EQ(parts.count, 1);
}

TEST(ConnectedParts, AgreesWithFillingPixelByPixel) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const RunMask mask = random_mask(31, 23, seed % 2 ? 2 : 3, seed);
        const Parts parts = connected_parts(mask);
        ImageU8 rest = mask.to_image({0, 0, 31, 23});
        int count = 0;
        for (std::size_t i = 0; i < mask.runs().size(); ++i) {
            const landseam::Run& run = mask.runs()[i];
            if (!rest.at(run.x_begin, run.y)) continue;
            std::vector<std::pair<int, int>> stack{{run.x_begin, run.y}};
            std::int64_t area = 0;
            while (!stack.empty()) {
                const auto [x, y] = stack.back();
                stack.pop_back();
                if (x < 0 || y < 0 || x >= 31 || y >= 23 || !rest.at(x, y)) continue;
                rest.at(x, y) = 0;
                ++area;
                for (const auto& next : {std::pair{x + 1, y}, {x - 1, y}, {x, y + 1}, {x, y - 1}})
                    stack.push_back(next);
            }
            std::int64_t labelled = 0;
            for (std::size_t k = 0; k < mask.runs().size(); ++k)
                if (parts.of_run[k] == parts.of_run[i])
                    labelled += mask.runs()[k].x_end - mask.runs()[k].x_begin;
            EXPECT_EQ(labelled, area);
            EXPECT_EQ(parts.of_run[i], count) << "numbered by first runs";
            ++count;
        }
        EXPECT_EQ(parts.count, count);
    }
}

TEST(Widened, HoldsExactlyThePixelsWithinTheRadius) {
    const RunMask mask = random_mask(20, 15, 40, 3);
    const RunMask wide = widened(mask, 2);
    for (int y = -4; y < 20; ++y)
        for (int x = -4; x < 25; ++x)
            EXPECT_EQ(wide.contains(x, y), !mask.clipped({x - 2, y - 2, 5, 5}).empty()) << x << ", " << y;
}

TEST(Widened, StopsAtTheLastPixelThatCanBeNumbered) {
    const std::int32_t last = std::numeric_limits<std::int32_t>::max();
    const RunMask wide = widened(RunMask::from_runs({{last - 1, last - 2, last}}), 4);
    EXPECT_EQ(wide.bounds().right(), last);
    EXPECT_EQ(wide.bounds().bottom(), last);
}

TEST(ForEachSharedRun, FindsEverySharedPixelOnce) {
    const RunMask a = random_mask(40, 30, 2, 5), b = random_mask(40, 30, 3, 6);
    std::int64_t sum = 0;
    for_each_shared_run(a, b, [&](std::size_t i, std::size_t j, std::int64_t pixels) {
        EXPECT_EQ(a.runs()[i].y, b.runs()[j].y);
        EXPECT_GT(pixels, 0);
        sum += pixels;
    });
    EXPECT_EQ(sum, intersection_area(a, b));
}

}  // namespace
}  // namespace landseam::seam_merge
