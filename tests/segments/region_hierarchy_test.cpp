#include "landseam/segments/region_hierarchy.h"

#include "landseam/core/error.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace landseam::segments {
namespace {

ImageU8 grey(int width, int height, int value, int channels = 3) {
    return ImageU8(width, height, channels, static_cast<std::uint8_t>(value));
}

void paint(ImageU8& picture, int x0, int y0, int width, int height, int value) {
    for (int y = y0; y < y0 + height; ++y)
        for (int x = x0; x < x0 + width; ++x)
            for (int c = 0; c < picture.channels; ++c) picture.at(x, y, c) = static_cast<std::uint8_t>(value);
}

ImageU8 all_valid(const ImageU8& picture) {
    return ImageU8(picture.width, picture.height, 1, 1);
}

// Blocks of random colour under noise.
ImageU8 patchwork(int width, int height, unsigned seed) {
    std::mt19937 random(seed);
    ImageU8 picture(width, height, 3);
    for (int y = 0; y < height; y += 12)
        for (int x = 0; x < width; x += 12)
            paint(picture, x, y, std::min(12, width - x), std::min(12, height - y),
                  60 + static_cast<int>(random() % 120));
    for (std::uint8_t& value : picture.values) value = static_cast<std::uint8_t>(value + random() % 9);
    return picture;
}

RegionMap map_of(int width, const std::vector<std::int32_t>& ids) {
    RegionMap map(width, static_cast<int>(ids.size()) / width);
    map.values = ids;
    return map;
}

TEST(RegionHierarchy, FindsWhatStandsOutAtEveryScaleThatAsksForIt) {
    ImageU8 picture = grey(120, 80, 100);
    paint(picture, 10, 10, 30, 40, 180);
    paint(picture, 60, 20, 40, 40, 30);
    for (const RegionMap& map : region_hierarchy(picture, all_valid(picture), {5, 20})) {
        const std::int32_t bright = map.at(25, 30), dark = map.at(80, 40), ground = map.at(2, 2);
        EXPECT_EQ((std::set<std::int32_t>{bright, dark, ground}.size()), 3u);
        // Smoothing may round corners and no more.
        for (int y = 12; y < 48; ++y) {
            EXPECT_EQ(map.at(10, y), bright);
            EXPECT_EQ(map.at(39, y), bright);
            EXPECT_EQ(map.at(9, y), ground);
            EXPECT_EQ(map.at(40, y), ground);
        }
    }
}

TEST(RegionHierarchy, ScaleIsTheSideOfTheSmallestFaintSquareThatStays) {
    ImageU8 picture = grey(300, 120, 100);
    paint(picture, 20, 20, 12, 12, 120);
    paint(picture, 100, 20, 60, 60, 120);
    const auto maps = region_hierarchy(picture, all_valid(picture), {6, 24, 120});
    EXPECT_NE(maps[0].at(26, 26), maps[0].at(0, 0));
    EXPECT_EQ(maps[1].at(26, 26), maps[1].at(0, 0));
    EXPECT_NE(maps[1].at(130, 50), maps[1].at(0, 0));
    EXPECT_EQ(maps[2].at(130, 50), maps[2].at(0, 0));
}

TEST(RegionHierarchy, CoarserRegionsAreMadeOfWholeFinerOnes) {
    const ImageU8 picture = patchwork(150, 110, 7);
    const auto maps = region_hierarchy(picture, all_valid(picture), {3, 10, 30, 90});
    for (std::size_t level = 1; level < maps.size(); ++level) {
        std::map<std::int32_t, std::int32_t> parent;
        std::set<std::int32_t> coarse;
        for (std::size_t i = 0; i < maps[level].values.size(); ++i) {
            const auto known = parent.emplace(maps[level - 1].values[i], maps[level].values[i]);
            ASSERT_EQ(known.first->second, maps[level].values[i]);
            coarse.insert(maps[level].values[i]);
        }
        EXPECT_LT(coarse.size(), parent.size());
        EXPECT_EQ(*coarse.begin(), 1) << "numbers begin at 1";
        EXPECT_EQ(*coarse.rbegin(), static_cast<std::int32_t>(coarse.size())) << "and have no gaps";
    }
}

TEST(RegionHierarchy, NoRegionLiesOnInvalidPixelsOrReachesAcrossThem) {
    const ImageU8 picture = grey(60, 40, 128);
    ImageU8 valid = all_valid(picture);
    for (int y = 0; y < 40; ++y) valid.at(30, y) = 0;
    const auto maps = region_hierarchy(picture, valid, {1000});
    for (int y = 0; y < 40; ++y) EXPECT_EQ(maps[0].at(30, y), 0);
    EXPECT_EQ(maps[0].at(0, 0), 1);
    EXPECT_EQ(maps[0].at(59, 39), 2);
}

TEST(RegionHierarchy, PicturesOfOneAndFourChannelsAreCutToo) {
    for (const int channels : {1, 4}) {
        ImageU8 picture = grey(50, 50, 90, channels);
        paint(picture, 10, 10, 25, 25, 200);
        const auto maps = region_hierarchy(picture, all_valid(picture), {10});
        EXPECT_EQ(maps[0].at(0, 0), 1);
        EXPECT_EQ(maps[0].at(20, 20), 2);
    }
}

TEST(RegionHierarchy, PicturesOfManyChannelsAreCutLikeThoseOfOneThatTheyRepeat) {
    const ImageU8 colours = patchwork(90, 70, 3);
    ImageU8 one(90, 70, 1), seven(90, 70, 7);
    for (std::size_t i = 0; i < one.values.size(); ++i) {
        one.values[i] = colours.values[3 * i];
        for (std::size_t c = 0; c < 7; ++c) seven.values[7 * i + c] = one.values[i];
    }
    auto expected = region_hierarchy(one, all_valid(one), {6, 20}),
         found = region_hierarchy(seven, all_valid(one), {6, 20});
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(found[i].values, expected[i].values);
        EXPECT_EQ(keep_clear_regions(found[i], seven), keep_clear_regions(expected[i], one));
        EXPECT_EQ(found[i].values, expected[i].values);
    }
    // What differs in the last channel alone is seen too.
    ImageU8 last = grey(90, 70, 100, 7);
    for (int y = 20; y < 50; ++y)
        for (int x = 30; x < 60; ++x) last.at(x, y, 6) = 250;
    const RegionMap map = region_hierarchy(last, all_valid(last), {10}).front();
    EXPECT_NE(map.at(45, 35), map.at(5, 5));
}

TEST(RegionHierarchy, ScalesMustBeAboveZeroAndAscend) {
    const std::vector<std::vector<double>> wrong{{0}, {-3}, {10, 10}, {30, 10}, {std::nan("")}};
    for (const auto& scales : wrong) EXPECT_THROW(check_scales(scales), Error);
    EXPECT_NO_THROW(check_scales({}));
    EXPECT_NO_THROW(check_scales({0.5, 10, 300}));
}

// One region (number 2) of the given pixels on ground of another (1).
struct Drawing {
    RegionMap regions{80, 80, 1, 1};
    ImageU8 picture = grey(80, 80, 100);
    int value = 180;

    void pixel(int x, int y) {
        regions.at(x, y) = 2;
        paint(picture, x, y, 1, 1, value);
    }
    void box(int x0, int y0, int width, int height) {
        for (int y = y0; y < y0 + height; ++y)
            for (int x = x0; x < x0 + width; ++x) pixel(x, y);
    }
    bool keeps(const RegionQuality& quality = {}) {
        RegionMap map = regions;
        keep_clear_regions(map, picture, quality);
        return std::count(map.values.begin(), map.values.end(), 2) > 0;
    }
};

TEST(KeepClearRegions, KeepsHousesFieldsAndPonds) {
    Drawing house, field, pond;
    house.box(20, 20, 12, 9);
    field.box(5, 30, 60, 12);
    for (int y = 0; y < 80; ++y)
        for (int x = 0; x < 80; ++x)
            if ((x - 40) * (x - 40) + (y - 40) * (y - 40) < 15 * 15) pond.pixel(x, y);
    EXPECT_TRUE(house.keeps());
    EXPECT_TRUE(field.keeps());
    EXPECT_TRUE(pond.keeps());
}

TEST(KeepClearRegions, DropsWhatIsSmallRaggedBentFaintOrAllThereIs) {
    Drawing small, comb, bent, faint, large;
    small.box(20, 20, 6, 6);
    for (int x = 10; x < 70; x += 2) comb.box(x, 20, 1, 30);
    comb.box(10, 50, 60, 1);
    bent.box(10, 10, 60, 6);
    bent.box(10, 10, 6, 60);
    faint.value = 105;
    faint.box(20, 20, 20, 20);
    large.box(5, 5, 70, 70);
    for (Drawing* drawing : {&small, &comb, &bent, &faint, &large}) EXPECT_FALSE(drawing->keeps());
    RegionMap whole(80, 80, 1, 1);
    RegionQuality any;
    any.max_share = 1;
    EXPECT_EQ(keep_clear_regions(whole, grey(80, 80, 50), any), 0) << "it has no neighbour";
}

TEST(KeepClearRegions, AsksForContrastAlongMostOfTheBorder) {
    // A box, half of whose border is to a third region of nearly its own colour.
    Drawing drawing;
    drawing.box(20, 20, 20, 20);
    for (int y = 10; y < 50; ++y)
        for (int x = 30; x < 70; ++x)
            if (drawing.regions.at(x, y) == 1) {
                drawing.regions.at(x, y) = 3;
                paint(drawing.picture, x, y, 1, 1, 175);
            }
    EXPECT_FALSE(drawing.keeps());
    RegionQuality lenient;
    lenient.min_clear_border = 0.4;
    EXPECT_TRUE(drawing.keeps(lenient));
}

TEST(KeepClearRegions, KeepsNumbersAndCountsThem) {
    Drawing drawing;
    drawing.box(10, 10, 10, 10);
    RegionMap map = drawing.regions;
    EXPECT_EQ(keep_clear_regions(map, drawing.picture), 1);
    EXPECT_EQ(map.at(15, 15), 2);
    EXPECT_EQ(map.at(0, 0), 0);
}

TEST(KeepSolidRegions, DropsNetworksAndKeepsBlocks) {
    RegionMap map(60, 60, 1, 1);
    for (int y = 0; y < 60; ++y)
        for (int x = 0; x < 60; ++x)
            if (x % 20 > 3 && y % 20 > 3) map.at(x, y) = 2 + x / 20 + 3 * (y / 20);
    EXPECT_EQ(keep_solid_regions(map, 0.5), 9);
    EXPECT_EQ(map.at(0, 0), 0);
    EXPECT_EQ(map.at(10, 10), 2);
}

TEST(ClassComponents, AreConnectedBySidesAndCountFromTheUpperLeft) {
    const RegionMap map = class_components(map_of(4, {5, 5, 7, -1,  //
                                                      7, 5, 5, 7,   //
                                                      7, 7, 5, 7}),
                                           1);
    EXPECT_EQ(map.values, (std::vector<std::int32_t>{1, 1, 2, 0,  //
                                                     3, 1, 1, 4,  //
                                                     3, 3, 1, 4}));
}

TEST(ClassComponents, SmallOnesAndNegativeClassesAreNoRegions) {
    const RegionMap map = class_components(map_of(4, {1, 1, 1, 2, -3, -3, -3, -3}), 2);
    EXPECT_EQ(map.values, (std::vector<std::int32_t>{1, 1, 1, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace landseam::segments
