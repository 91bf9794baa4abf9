#include "landseam/core/geo_transform.h"

#include <gtest/gtest.h>

namespace landseam {
namespace {

TEST(GeoTransform, RotatedTransformsGoThereAndBack) {
    const GeoTransform transform{{500000, 0.28, -0.11, 4200000, -0.11, -0.28}};
    const Point pixel{123.25, 77.5};
    const Point back = transform.to_pixel(transform.to_world(pixel));
    EXPECT_NEAR(back.x, pixel.x, 1e-6);
    EXPECT_NEAR(back.y, pixel.y, 1e-6);
}

TEST(GeoTransform, ResampledGridKeepsPlacesOnTheGround) {
    const GeoTransform transform{{100, 2, 0.5, 200, 0.25, -3}};
    const GeoTransform coarse = transform.resampled({10, 20}, 4, 5);
    const Point expected = transform.to_world({10 + 3 * 4, 20 + 2 * 5});
    const Point actual = coarse.to_world({3, 2});
    EXPECT_DOUBLE_EQ(actual.x, expected.x);
    EXPECT_DOUBLE_EQ(actual.y, expected.y);
}

}  // namespace
}  // namespace landseam
