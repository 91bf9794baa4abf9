#include "landseam/segments/overlaps.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace landseam::segments {
namespace {

RunMask random_mask(std::mt19937& random) {
    const auto pick = [&](int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(random);
    };
    ImageU8 image(pick(1, 14), pick(1, 14));
    const int density = pick(20, 100);
    for (std::uint8_t& value : image.values) value = pick(0, 99) < density;
    return RunMask::from_image(image).shifted(pick(-3, 12), pick(-3, 12));
}

std::vector<const RunMask*> pointers(const std::vector<RunMask>& masks) {
    std::vector<const RunMask*> result;
    for (const RunMask& mask : masks) result.push_back(&mask);
    return result;
}

std::vector<std::size_t> first_to_last(std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

TEST(Flatten, GivesEachPixelToTheFirstMaskOverIt) {
    std::mt19937 random(2);
    for (int round = 0; round < 1500; ++round) {
        std::vector<RunMask> masks;
        for (int i = 0; i < 7; ++i) masks.push_back(random_mask(random));
        std::vector<std::size_t> order = first_to_last(7);
        std::shuffle(order.begin(), order.end(), random);
        order.resize(static_cast<std::size_t>(random() % 8));
        const std::vector<RunMask> flat = flatten(pointers(masks), order);
        RunMask taken;
        for (const std::size_t i : order) {
            ASSERT_EQ(flat[i], set_difference(masks[i], taken));
            taken = set_union(taken, masks[i]);
        }
        for (std::size_t i = 0; i < 7; ++i)
            if (std::find(order.begin(), order.end(), i) == order.end()) {
                ASSERT_TRUE(flat[i].empty());
            }
    }
}

TEST(FindSlits, SharesASlitBetweenItsNeighbours) {
    const std::vector<RunMask> masks{RunMask::from_box({0, 0, 4, 3}), RunMask::from_box({7, 0, 4, 3})};
    EXPECT_TRUE(find_slits(pointers(masks), 2)[0].empty());
    const std::vector<RunMask> slits = find_slits(pointers(masks), 3);
    EXPECT_EQ(slits[0], RunMask::from_box({4, 0, 2, 3}));
    EXPECT_EQ(slits[1], RunMask::from_box({6, 0, 1, 3}));
}

TEST(FindSlits, LooksAlongColumnsToo) {
    const std::vector<RunMask> masks{RunMask::from_box({0, 0, 4, 3}), RunMask::from_box({2, 4, 4, 3})};
    const std::vector<RunMask> slits = find_slits(pointers(masks), 1);
    EXPECT_EQ(slits[0], RunMask::from_box({2, 3, 2, 1}));
    EXPECT_TRUE(slits[1].empty());
}

TEST(FindSlits, LeavesHolesAndBaysOfOneMaskAlone) {
    const RunMask ring = set_difference(RunMask::from_box({0, 0, 5, 5}), RunMask::from_box({2, 2, 1, 1}));
    const RunMask comb = set_difference(RunMask::from_box({20, 0, 5, 5}), RunMask::from_box({22, 0, 1, 4}));
    const std::vector<RunMask> masks{ring, comb};
    for (const RunMask& slit : find_slits(pointers(masks), 3)) EXPECT_TRUE(slit.empty());
}

TEST(FindSlits, LetsTheNarrowerOfTwoCountWhereTheyCross) {
    // Along the row the slit is 3 wide, along the column 1.
    const std::vector<RunMask> masks{RunMask::from_box({0, 1, 2, 1}), RunMask::from_box({5, 1, 2, 1}),
                                     RunMask::from_box({2, 0, 3, 1}), RunMask::from_box({2, 2, 3, 1})};
    const std::vector<RunMask> slits = find_slits(pointers(masks), 3);
    EXPECT_EQ(slits[2], RunMask::from_box({2, 1, 3, 1}));
    EXPECT_TRUE(slits[0].empty() && slits[1].empty() && slits[3].empty());
}

TEST(FindParts, NamesTheSmallestWholeAsParent) {
    const std::vector<RunMask> masks{RunMask::from_box({4, 4, 2, 2}), RunMask::from_box({0, 0, 20, 20}),
                                     RunMask::from_box({3, 3, 6, 6}), RunMask::from_box({19, 0, 10, 5})};
    const std::vector<TreePlace> places = find_parts(pointers(masks));
    EXPECT_EQ(places[0].parent, 2);
    EXPECT_EQ(places[0].depth, 2);
    EXPECT_EQ(places[1].parent, -1);
    EXPECT_EQ(places[2].parent, 1);
    EXPECT_EQ(places[2].depth, 1);
    EXPECT_EQ(places[3].parent, -1);  // a tenth of it lies in the large one
}

TEST(FindParts, TakesTheFirstOfEqualMasksForTheWhole) {
    const std::vector<RunMask> masks{RunMask::from_box({0, 0, 3, 3}), RunMask::from_box({0, 0, 3, 3})};
    const std::vector<TreePlace> places = find_parts(pointers(masks));
    EXPECT_EQ(places[0].parent, -1);
    EXPECT_EQ(places[1].parent, 0);
}

TEST(FlattenTree, LeavesAnyTwoObjectsApartOrOneInTheOther) {
    std::mt19937 random(9);
    for (int round = 0; round < 600; ++round) {
        std::vector<RunMask> masks;
        for (int i = 0; i < 8; ++i) masks.push_back(random_mask(random));
        const std::vector<TreePlace> places = find_parts(pointers(masks), 0.6);
        const std::vector<RunMask> tree = flatten_tree(pointers(masks), places, first_to_last(8));
        const auto is_above = [&](std::size_t whole, std::size_t part) {
            for (std::int64_t i = places[part].parent; i >= 0; i = places[static_cast<std::size_t>(i)].parent)
                if (static_cast<std::size_t>(i) == whole) return true;
            return false;
        };
        for (std::size_t a = 0; a < 8; ++a)
            for (std::size_t b = 0; b < 8; ++b) {
                if (a == b) continue;
                const std::int64_t shared = intersection_area(tree[a], tree[b]);
                if (is_above(a, b)) {
                    ASSERT_EQ(shared, tree[b].area());
                } else if (!is_above(b, a)) {
                    ASSERT_EQ(shared, 0);
                }
            }
    }
}

}  // namespace
}  // namespace landseam::segments
