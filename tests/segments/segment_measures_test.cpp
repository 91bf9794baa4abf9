#include "landseam/segments/segment_measures.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace landseam::segments {
namespace {

// Two bands of 40 × 30 pixels: ground of 100 and 50; a roof of 200 and 150 with its shadow of 20 and 10 to
// the east.
constexpr PixelBox roof{10, 10, 10, 8}, shadow{20, 10, 3, 8};

RasterWindow drawn_window() {
    RasterWindow window;
    window.band_numbers = {1, 2};
    window.valid = ImageU8(40, 30, 1, 1);
    for (const auto& [ground, top, dark] :
         {std::array<float, 3>{100, 200, 20}, std::array<float, 3>{50, 150, 10}}) {
        ImageF band(40, 30, 1, ground);
        for (int y = 0; y < 30; ++y)
            for (int x = 0; x < 40; ++x)
                if (roof.contains(x, y))
                    band.at(x, y) = top;
                else if (shadow.contains(x, y))
                    band.at(x, y) = dark;
        window.bands.push_back(band);
    }
    return window;
}

MeasurePlan drawn_plan() {
    MeasurePlan plan;
    plan.bands = {{"nir", 1, 0, 100, 40}, {"red", 1, 0, 50, 40}};
    plan.indices = indices_of({"nir", "red"});
    return plan;
}

float value(const MeasurePlan& plan, const std::vector<float>& measures, const std::string& name) {
    const std::vector<std::string> names = picture_measure_names(plan);
    EXPECT_EQ(names.size(), measures.size());
    return measures.at(static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()));
}

TEST(PictureMeasures, TellSpectraIndicesAndSurroundings) {
    const MeasurePlan plan = drawn_plan();
    const PictureMeasures picture(plan, drawn_window());
    const auto measures = picture.measure(RunMask::from_box(roof));
    EXPECT_FLOAT_EQ(value(plan, measures, "mean_nir"), 200);
    EXPECT_FLOAT_EQ(value(plan, measures, "std_nir"), 0);
    EXPECT_FLOAT_EQ(value(plan, measures, "p90_red"), 150);
    EXPECT_FLOAT_EQ(value(plan, measures, "share_red"), 150.F / 350);
    EXPECT_FLOAT_EQ(value(plan, measures, "mean_ndvi"), 50.F / 350);
    EXPECT_FLOAT_EQ(value(plan, measures, "dark"), 0);
    EXPECT_GT(value(plan, measures, "dark_around"), 0);
    EXPECT_GT(value(plan, measures, "dark_side"), 0.7);
    EXPECT_GT(value(plan, measures, "around_nir"), 100);  // the ground lies 100 lower, the shadow 180
    EXPECT_GT(value(plan, measures, "edge"), value(plan, measures, "inner_edge"));
    double patterns = 0;
    for (int i = 0; i < 10; ++i) patterns += value(plan, measures, "lbp_" + std::to_string(i));
    EXPECT_NEAR(patterns, 1, 1e-6);
}

TEST(PictureMeasures, TellOnlyOfValidPixels) {
    const MeasurePlan plan = drawn_plan();
    RasterWindow window = drawn_window();
    for (int x = 10; x < 15; ++x)
        for (int y = 10; y < 18; ++y) {
            window.valid.at(x, y) = 0;
            window.bands[0].at(x, y) = 0;
        }
    const auto half = PictureMeasures(plan, window).measure(RunMask::from_box(roof));
    EXPECT_FLOAT_EQ(value(plan, half, "mean_nir"), 200);
    const auto none = PictureMeasures(plan, window).measure(RunMask::from_box({10, 10, 5, 8}));
    for (const float measure : none) EXPECT_TRUE(std::isnan(measure));
    for (const float measure : PictureMeasures(plan, window).measure(RunMask::from_box({100, 100, 5, 8})))
        EXPECT_TRUE(std::isnan(measure));
}

TEST(PictureMeasures, AreTheSameWhereverTheWindowBegins) {
    const MeasurePlan plan = drawn_plan();
    const RasterWindow whole = drawn_window();
    RasterWindow part;
    part.band_numbers = whole.band_numbers;
    part.valid = ImageU8(36, 28, 1, 1);
    for (const ImageF& band : whole.bands) {
        ImageF cut(36, 28);
        for (int y = 0; y < 28; ++y)
            for (int x = 0; x < 36; ++x) cut.at(x, y) = band.at(x + 4, y + 2);
        part.bands.push_back(cut);
    }
    const RunMask mask = RunMask::from_box(roof);
    EXPECT_EQ(PictureMeasures(plan, whole).measure(mask),
              PictureMeasures(plan, part).measure(mask.shifted(-4, -2)));
}

TEST(Indices, AreThoseThatBandsAllow) {
    std::vector<std::string> names;
    for (const NormalizedDifference& index : indices_of({"blue", "green", "red", "nir", "swir16", ""}))
        names.push_back(index.name);
    EXPECT_EQ(names, (std::vector<std::string>{"ndvi", "ndwi", "mndwi", "ndbi", "ngrdi", "nrbdi"}));
    EXPECT_TRUE(indices_of({"", ""}).empty());
}

float shape(const std::vector<float>& measures, const std::string& name) {
    const std::vector<std::string> names = shape_measure_names();
    EXPECT_EQ(names.size(), measures.size());
    return measures.at(static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()));
}

TEST(ShapeMeasures, AreThoseOfARectangleInAnyDirection) {
    const double c = std::cos(0.5), s = std::sin(0.5);
    const auto turned = [&](double x, double y) { return Point{1000 + c * x - s * y, 2000 + s * x + c * y}; };
    const auto measures =
        measure_shape({{{turned(0, 0), turned(20, 0), turned(20, 5), turned(0, 5)}, {}}}, 0.5);
    EXPECT_NEAR(shape(measures, "area"), 100, 1e-3);
    EXPECT_NEAR(shape(measures, "length"), 20, 0.01);
    EXPECT_NEAR(shape(measures, "width"), 5, 0.01);
    EXPECT_NEAR(shape(measures, "rectangularity"), 1, 0.01);
    EXPECT_NEAR(shape(measures, "solidity"), 1, 0.01);
    EXPECT_NEAR(shape(measures, "elongation"), 0.75, 0.01);
    EXPECT_NEAR(shape(measures, "direction_sin"), std::sin(1), 0.01);
    EXPECT_NEAR(shape(measures, "direction_cos"), std::cos(1), 0.01);
    EXPECT_NEAR(shape(measures, "compactness"), 4 * 3.14159 * 100 / 2500, 0.01);
    EXPECT_FLOAT_EQ(shape(measures, "holes"), 0);
}

TEST(ShapeMeasures, TellHolesAndWithstandNothing) {
    const Ring square{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, hole{{2, 2}, {2, 7}, {7, 7}, {7, 2}};
    EXPECT_NEAR(shape(measure_shape({{square, {hole}}}, 1), "holes"), 0.25, 1e-6);
    for (const float measure : measure_shape({}, 1)) EXPECT_TRUE(std::isnan(measure));
    for (const float measure : measure_shape({{{{0, 0}, {1, 1}, {2, 2}}, {}}}, 1))
        EXPECT_TRUE(std::isnan(measure));
}

}  // namespace
}  // namespace landseam::segments
