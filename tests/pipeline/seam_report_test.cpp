#include "landseam/pipeline/seam_report.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_sink.h"
#include "landseam/pipeline/settings_file.h"

#include "support/temporary_folder.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

// Tiles of 100 pixels that share 20, on a scene of 420 × 260: edges at x = 80, 100, 160, 180, 240, 260, 320,
// 340.
const std::string settings =
    R"({"width": 420, "height": 260, "crs": "", "geotransform": [10, 2, 0, 50, 0, -2],
        "tiles": {"size": 100, "overlap": 20, "origin": [0, 0]}})";

class SeamReportTest : public testing::Test {
protected:
    // Boxes as x0, y0, x1, y1 in pixels.
    SeamReport measure(const std::vector<std::array<double, 4>>& boxes) const {
        output::LayerOptions options;
        options.path = folder_.file("layer.gpkg");
        options.overwrite = true;
        const auto layer = output::open_layer(options);
        const auto place = [](double x, double y) { return Point{10 + 2 * x, 50 - 2 * y}; };
        std::int64_t id = 0;
        for (const auto& [x0, y0, x1, y1] : boxes)
            layer->write({++id, {{{place(x0, y0), place(x0, y1), place(x1, y1), place(x1, y0)}, {}}}, {}});
        layer->close();
        write_settings(folder_.file("layer.gpkg.settings.json"), settings);
        return measure_seams(options.path);
    }

    test::TemporaryFolder folder_;
};

TEST_F(SeamReportTest, SeesOutlinesThatEndAtTheEdgesOfTiles) {
    const SeamReport report = measure({{30, 47, 100, 151}, {100, 47, 140, 151}, {207, 27, 240, 111}});
    EXPECT_EQ(report.tile_lines, 8 + 4);
    EXPECT_GT(report.ratio(), 3);
}

TEST_F(SeamReportTest, SeesNoTraceInOutlinesSpreadEvenly) {
    std::vector<std::array<double, 4>> boxes;
    for (int k = 7; k < 413; ++k) boxes.push_back({k + 0.0, 20, k + 1.0, 240});
    for (int k = 7; k < 253; ++k) boxes.push_back({20, k + 0.0, 400, k + 1.0});
    EXPECT_NEAR(measure(boxes).ratio(), 1, 0.02);
}

TEST_F(SeamReportTest, NeedsTheSettingsOfTheRun) {
    EXPECT_THROW(measure_seams(folder_.file("other.gpkg")), Error);
}

}  // namespace
}  // namespace landseam::pipeline
