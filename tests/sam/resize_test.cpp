#include "landseam/sam/resize.h"

#include "landseam/core/error.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

// The picture that stands for "any picture" here and in the Pillow runs below.
ImageU8 noise(int width, int height, int channels, std::uint32_t seed) {
    ImageU8 image(width, height, channels);
    for (std::uint8_t& value : image.values) {
        seed = seed * 1664525u + 1013904223u;
        value = static_cast<std::uint8_t>(seed >> 24);
    }
    return image;
}

std::uint32_t fnv1a(const std::vector<std::uint8_t>& bytes) {
    std::uint32_t hash = 0x811c9dc5u;
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x01000193u;
    return hash;
}

// All expected values are Pillow 9.4's: Image.frombytes(mode, size, noise).resize(size,
// Image.Resampling.BILINEAR).

TEST(PillowBilinear, ShrinksAsPillowDoes) {
    const std::vector<std::uint8_t> expected{81, 122, 87, 161, 107, 140, 131, 121, 84, 124, 118, 146};
    EXPECT_EQ(resize_pillow_bilinear(noise(7, 5, 1, 1), 4, 3).values, expected);
}

TEST(PillowBilinear, EnlargesAsPillowDoes) {
    const std::vector<std::uint8_t> expected{60,  74,  94, 115, 129, 90,  84,  74, 102, 120,
                                             150, 103, 33, 75,  103, 180, 113, 12, 61,  94};
    EXPECT_EQ(resize_pillow_bilinear(noise(3, 2, 1, 1), 5, 4).values, expected);
}

TEST(PillowBilinear, AgreesWithPillowBitForBitOverManySizes) {
    struct Case {
        int width, height, new_width, new_height;
        std::uint32_t hash;  // of Pillow's bytes
    };
    const Case cases[] = {
        {320, 204, 256, 163, 0x510a98dau}, {100, 80, 1024, 819, 0x2e4f3b12u}, {1000, 13, 64, 1, 0x21393e3au},
        {1, 1, 9, 7, 0x69cfe69cu},         {64, 48, 64, 31, 0x8fc6928bu},     {64, 48, 33, 48, 0x083054b8u},
        {301, 211, 1, 1, 0xbb19f336u},     {511, 512, 512, 511, 0xe37eff1fu}, {2, 3, 1000, 2, 0x96697a99u},
    };
    for (const Case& c : cases) {
        const ImageU8 picture =
            noise(c.width, c.height, 3, static_cast<std::uint32_t>(c.width * 1000 + c.height));
        const ImageU8 resized = resize_pillow_bilinear(picture, c.new_width, c.new_height);
        EXPECT_EQ(resized.width, c.new_width);
        EXPECT_EQ(resized.height, c.new_height);
        EXPECT_EQ(resized.channels, 3);
        EXPECT_EQ(fnv1a(resized.values), c.hash)
            << c.width << " × " << c.height << " to " << c.new_width << " × " << c.new_height;
    }
}

TEST(PillowBilinear, ReturnsAPictureOfTheRightSizeUnchanged) {
    const ImageU8 picture = noise(9, 4, 3, 5);
    EXPECT_EQ(resize_pillow_bilinear(picture, 9, 4).values, picture.values);
}

TEST(PillowBilinear, RefusesPicturesWithoutPixels) {
    EXPECT_THROW(resize_pillow_bilinear(ImageU8(), 4, 4), Error);
    EXPECT_THROW(resize_pillow_bilinear(noise(2, 2, 1, 1), 0, 4), Error);
}

TEST(ResizeLongestSide, ScalesTheLongestSideAndRoundsTheOtherHalfUp) {
    EXPECT_EQ(resize_longest_side(320, 204, 256), (PictureSize{256, 163}));  // 163.2
    EXPECT_EQ(resize_longest_side(204, 320, 256), (PictureSize{163, 256}));
    EXPECT_EQ(resize_longest_side(16, 5, 8), (PictureSize{8, 3}));  // 2.5
    EXPECT_EQ(resize_longest_side(1024, 1024, 1024), (PictureSize{1024, 1024}));
}

TEST(ResizeLongestSide, KeepsAtLeastOnePixelOfAVeryFlatPicture) {
    EXPECT_EQ(resize_longest_side(100000, 1, 256), (PictureSize{256, 1}));
}

}  // namespace
}  // namespace landseam::sam
