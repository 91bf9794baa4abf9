// The page that `landseam segment --report` writes, as a browser shows it.
#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gdal_priv.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Report : public testing::Test {
protected:
    Report() { write_drawn_scene(folder_.file("scene.tif")); }

    Outcome segment(std::vector<std::string> more) const {
        std::vector<std::string> arguments{"segment",
                                           folder_.file("scene.tif"),
                                           folder_.file("out.gpkg"),
                                           "--report",
                                           page_,
                                           "--points-per-side",
                                           "12"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_landseam(arguments);
    }

    TemporaryFolder folder_;
    const std::string page_ = folder_.file("report.html");
};

TEST_F(Report, TellsWhatTheRunDid) {
    const Outcome outcome = segment({});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const std::string page = text_of(page_);
    EXPECT_THAT(page, AllOf(HasSubstr("scene.tif"), HasSubstr("EPSG:32632"), HasSubstr("400 × 300"),
                            HasSubstr("Segments by area"), HasSubstr("Segments by predicted IoU"),
                            HasSubstr("largest segments"), HasSubstr("Seams"), HasSubstr("Timing"),
                            HasSubstr("<td>tiles</td>"), HasSubstr("points_per_side")));
    // With the colon: the pictures in the page are text that may have the letters by chance.
    EXPECT_THAT(page, Not(AnyOf(HasSubstr("http:"), HasSubstr("https:"))));
    const Outcome again = segment({});
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_THAT(again.err, AllOf(HasSubstr("report.html"), HasSubstr("--overwrite")));
}

TEST_F(Report, TellsAFailureToo) {
    std::ofstream(folder_.file("out.gpkg")) << "in the way";
    const Outcome outcome = segment({});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(text_of(page_), AllOf(HasSubstr("The run failed"), HasSubstr("out.gpkg")));
}

// A headless browser without any network draws the page: what it shows is looked at in two ways, as the text
// that it has laid out and as pixels.
TEST_F(Report, IsShownByABrowserWithoutANetwork) {
    const std::string browser = std::system("command -v chromium >/dev/null 2>&1") == 0 ? "chromium" : "";
    if (browser.empty())
        GTEST_SKIP() << "chromium is not installed: scripts/install_dependencies installs it";
    ASSERT_EQ(segment({}).exit_code, 0);
    const std::string common = "HOME='" + folder_.file("home") + "' timeout 100 " + browser +
                               " --headless --no-sandbox --disable-gpu --disable-dev-shm-usage"
                               " --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir='" +
                               folder_.file("profile") + "' --window-size=1200,2600 ";
    const std::string address = "'file://" + page_ + "'";
    ASSERT_EQ(
        std::system(
            (common + "--dump-dom " + address + " > '" + folder_.file("dom.html") + "' 2>/dev/null").c_str()),
        0);
    EXPECT_THAT(text_of(folder_.file("dom.html")),
                AllOf(HasSubstr("Segments by area"), HasSubstr("</html>")));
    ASSERT_EQ(std::system(
                  (common + "--screenshot='" + folder_.file("shot.png") + "' " + address + " >/dev/null 2>&1")
                      .c_str()),
              0);
    GDALAllRegister();
    const std::unique_ptr<GDALDataset> shot(GDALDataset::Open(folder_.file("shot.png").c_str()));
    ASSERT_TRUE(shot);
    // The overview lies in the page's upper part: the drawn scene has strong colours there, a page without it
    // none.
    const int width = shot->GetRasterXSize();
    std::vector<std::uint8_t> red(static_cast<std::size_t>(width) * 900), blue(red.size());
    ASSERT_EQ(
        shot->GetRasterBand(1)->RasterIO(GF_Read, 0, 0, width, 900, red.data(), width, 900, GDT_Byte, 0, 0),
        CE_None);
    ASSERT_EQ(
        shot->GetRasterBand(3)->RasterIO(GF_Read, 0, 0, width, 900, blue.data(), width, 900, GDT_Byte, 0, 0),
        CE_None);
    std::size_t colored = 0;
    for (std::size_t i = 0; i < red.size(); ++i) colored += std::abs(red[i] - blue[i]) > 20;
    EXPECT_GT(colored, red.size() / 50);
}

}  // namespace
}  // namespace landseam::test
