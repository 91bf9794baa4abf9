#include "scene_maker/render.h"

#include "scene_maker/sensor.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace landseam::scene_maker {
namespace {

Paint plain(double reflectance) {
    Paint paint;
    paint.first = paint.second = {reflectance, reflectance, reflectance, reflectance};
    paint.grain = 0;
    return paint;
}

// 60 m × 60 m of plain ground at 0.3 m.
SceneOptions small_options() {
    SceneOptions options;
    options.width = options.height = 200;
    options.sun_elevation_deg = 45;
    return options;
}

Plan plain_ground() {
    Plan plan(1);
    plan.paint(Layer::ground, {{-99, -99}, {199, -99}, {199, 199}, {-99, 199}}, plain(0.3));
    return plan;
}

// The red reflectance at a place given in metres.
float red_at(const Rendering& rendering, Point p) {
    return rendering.reflectance.at(static_cast<int>(p.x / 0.3), static_cast<int>(p.y / 0.3), 0);
}

TEST(Render, CastsShadowsAwayFromTheSunAsLongAsTheHeightSays) {
    Plan plan = plain_ground();
    const Point middle{30, 30};
    plan.paint_object("building", Layer::roof, rectangle({middle}, -3, -3, 3, 3), plain(0.3)).base = 8;
    for (const double azimuth : {0.0, 90.0, 180.0, 270.0}) {
        SceneOptions options = small_options();
        options.sun_azimuth_deg = azimuth;
        const Rendering rendering = render(plan, options);
        const double radians = azimuth * M_PI / 180;
        const Point away{-std::sin(radians), std::cos(radians)};
        const float open = red_at(rendering, {3, 3});
        EXPECT_NEAR(open, 0.3, 0.01);
        // 8 m high with the sun at 45°: 8 m of shadow beyond the wall at 3 m.
        EXPECT_LT(red_at(rendering, middle + away * 3.5), 0.5f * open) << azimuth;
        EXPECT_LT(red_at(rendering, middle + away * 10), 0.5f * open) << azimuth;
        EXPECT_NEAR(red_at(rendering, middle + away * 12), open, 1e-6) << azimuth;
        EXPECT_NEAR(red_at(rendering, middle - away * 3.5), open, 1e-6) << azimuth;
        EXPECT_NEAR(red_at(rendering, middle + left_of(away) * 3.5), open, 1e-6) << azimuth;
    }
}

TEST(Render, QuickShadowsFallWhereExactOnesDo) {
    Plan plan = plain_ground();
    plan.paint_object("building", Layer::roof, rectangle({{30, 30}}, -3, -3, 3, 3), plain(0.3)).base = 8;
    const Rendering exact = render(plan, small_options()),
                    quick = render(plan, small_options(), Shadows::quick);
    int shaded = 0, differing = 0;
    for (std::size_t i = 0; i < exact.reflectance.values.size(); i += 4) {
        shaded += exact.reflectance.values[i] < 0.15f;
        differing += std::abs(exact.reflectance.values[i] - quick.reflectance.values[i]) > 0.01f;
    }
    EXPECT_GT(shaded, 400);
    EXPECT_LT(differing, shaded / 5);  // along the edges
}

TEST(Render, MarksOnEachLevelWhatLiesBelowIfASurfaceIsNothingOfItsOwn) {
    Plan plan = plain_ground();
    const int land = plan.begin_land();
    const Ring field = rectangle({{30, 30}}, -20, -20, 20, 20);
    const int object = plan.paint_object("field", Layer::land, field, plain(0.2)).object;
    const int part = plan.surfaces().back().part;
    plan.begin_land();
    Surface& bush = plan.paint(Layer::low, rectangle({{20, 30}}, -2, -2, 2, 2), plain(0.1));
    bush.object = bush.part = bush.land = mark_below;
    Surface& hole = plan.paint(Layer::low, rectangle({{40, 30}}, -2, -2, 2, 2), plain(0.1));
    const int hole_part = hole.part, hole_land = hole.land;

    const Rendering rendering = render(plan, small_options());
    const auto at = [](const Image<std::int32_t>& marks, double x) {
        return marks.at(static_cast<int>(x / 0.3), 100);
    };
    for (const double x : {30.0, 20.0}) {
        EXPECT_EQ(at(rendering.topmost, x), object) << x;
        EXPECT_EQ(at(rendering.parts, x), part) << x;
        EXPECT_EQ(at(rendering.lands, x), land) << x;
    }
    EXPECT_EQ(at(rendering.topmost, 40), no_mark);
    EXPECT_EQ(at(rendering.parts, 40), hole_part);
    EXPECT_EQ(at(rendering.lands, 40), hole_land);
    EXPECT_NE(hole_part, part);
    EXPECT_NE(hole_land, land);
}

TEST(Render, CastsTheSameShadowsAcrossBlocks) {
    // The picture is drawn in blocks of 384 pixels; the wall stands right and below their common corner.
    Plan plan = plain_ground();
    plan.paint(Layer::roof, rectangle({{115.5, 115.5}}, 0, 0, 3, 3), plain(0.3)).base = 9;
    SceneOptions options = small_options();
    options.width = options.height = 400;
    options.sun_azimuth_deg = 135;
    const Rendering rendering = render(plan, options);
    EXPECT_LT(red_at(rendering, {112, 112}), 0.15f);
    EXPECT_LT(red_at(rendering, {115, 115}), 0.15f);
    EXPECT_GT(red_at(rendering, {105, 105}), 0.28f);
}

TEST(Render, NoonSunAtTheZenithCastsNone) {
    Plan plan = plain_ground();
    plan.paint(Layer::roof, rectangle({{30, 30}}, -3, -3, 3, 3), plain(0.3)).base = 8;
    SceneOptions options = small_options();
    options.sun_elevation_deg = 90;
    const Rendering rendering = render(plan, options);
    for (const float value : rendering.reflectance.values) EXPECT_NEAR(value, 0.3, 1e-6);
}

TEST(Render, RoofFacesTowardsTheSunAreBrighter) {
    for (const RoofForm form : {RoofForm::gable, RoofForm::hip}) {
        Plan plan = plain_ground();
        Random random(3);
        add_building(plan, random, {{20, 20}}, {16, 8, 4}, form, plain(0.2));
        SceneOptions options = small_options();
        options.sun_azimuth_deg = 180;
        const Rendering rendering = render(plan, options);
        // The ridge runs east to west at y = 24. Medians leave chimneys and windows aside.
        std::vector<float> north, south;
        for (double x = 25; x < 31; x += 0.3) {
            north.push_back(red_at(rendering, {x, 21}));
            south.push_back(red_at(rendering, {x, 27}));
        }
        std::nth_element(north.begin(), north.begin() + 10, north.end());
        std::nth_element(south.begin(), south.begin() + 10, south.end());
        EXPECT_GT(south[10], 1.3f * north[10]);
    }
}

TEST(Render, PixelsOnAnEdgeAreMixed) {
    Plan plan = plain_ground();
    // The edge lies a third into pixel column 100.
    plan.paint(Layer::land, {{30.1, -9}, {70, -9}, {70, 70}, {30.1, 70}}, plain(0.6));
    const Rendering rendering = render(plan, small_options());
    EXPECT_NEAR(rendering.reflectance.at(99, 50), 0.3, 1e-6);
    EXPECT_NEAR(rendering.reflectance.at(100, 50), 0.5, 1e-6);
    EXPECT_NEAR(rendering.reflectance.at(101, 50), 0.6, 1e-6);
}

TEST(Render, NamesTheObjectAtThePixelsCentre) {
    Plan plan = plain_ground();
    const Ring outline{{10.04, 20.16}, {20.07, 20.16}, {20.07, 25.13}, {10.04, 25.13}};
    plan.paint_object("field", Layer::land, outline, plain(0.5));
    const Rendering rendering = render(plan, small_options());
    for (int y = 0; y < 200; ++y)
        for (int x = 0; x < 200; ++x) {
            const bool inside = contains(outline, {(x + 0.5) * 0.3, (y + 0.5) * 0.3});
            ASSERT_EQ(rendering.topmost.at(x, y), inside ? 0 : -1) << x << ' ' << y;
        }
}

TEST(Sensor, NoiseHasTheDeviationAskedFor) {
    SceneOptions options = small_options();
    options.noise = 20;
    // At 300 counts the photon term is 1: 0.5 + 300 / 600.
    const Image<float> flat(200, 200, 4, 0.1f - 0.006f);
    const auto bands = record(flat, ImageU8(200, 200, 1, 1), options);
    ASSERT_EQ(bands.size(), 4u);
    double sum = 0, squares = 0;
    for (const std::uint16_t value : bands[0].values) {
        sum += value;
        squares += double{1} * value * value;
    }
    const double mean = sum / 40000;
    EXPECT_NEAR(mean, 300, 0.5);
    EXPECT_NEAR(std::sqrt(squares / 40000 - mean * mean), 20, 0.4);
}

TEST(Sensor, BlurSpreadsAPointAndKeepsItsLight) {
    SceneOptions options = small_options();
    options.noise = 0;
    options.blur_px = 1;
    Image<float> point(21, 21, 4, 0.0f);
    for (int c = 0; c < 4; ++c) point.at(10, 10, c) = 0.5f;
    const auto bands = record(point, ImageU8(21, 21, 1, 1), options);
    double light = 0;
    const double background = bands[3].at(0, 0);
    for (const std::uint16_t value : bands[3].values) light += value - background;
    EXPECT_NEAR(light, 0.5 * Scene::counts_per_reflectance, 20);
    // A Gaussian of deviation 1 has 1 / 2π of its weight at the middle pixel.
    EXPECT_NEAR(bands[3].at(10, 10) - background, 1500 / (2 * M_PI), 5);
    EXPECT_EQ(bands[3].at(9, 10), bands[3].at(10, 11));
}

TEST(Sensor, ZeroMeansNoDataAndNothingElse) {
    SceneOptions options = small_options();
    options.noise = 100;
    ImageU8 valid(30, 30, 1, 1);
    valid.at(4, 5) = 0;
    const auto dark = record(Image<float>(30, 30, 4, 0.0f), valid, options);
    const auto bright = record(Image<float>(30, 30, 4, 5.0f), valid, options);
    for (std::size_t c = 0; c < 4; ++c)
        for (std::size_t i = 0; i < valid.values.size(); ++i) {
            EXPECT_EQ(dark[c].values[i] == 0, valid.values[i] == 0);
            EXPECT_LE(bright[c].values[i], 2047);
        }
}

}  // namespace
}  // namespace landseam::scene_maker
