#include "landseam/catalog/plan.h"

#include "landseam/core/error.h"

#include "catalog/plan_files.h"
#include "support/drawn_scene.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace landseam::catalog {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class Plans : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
    }
    void draw(const std::string& name) const {
        test::DrawnScene scene;
        scene.width = scene.height = 32;
        test::write_drawn_scene(folder_ / name, scene);
    }
    PlanReport plan(const std::vector<std::string>& sources) {
        options_.sources.clear();
        for (const std::string& source : sources) options_.sources.push_back(folder_ / source);
        options_.folder = folder_ / ("plan" + std::to_string(++plans_));
        options_.estimate = false;
        return plan_batch(options_, *progress_);
    }
    std::string ids() const {
        std::string text;
        const Plan plan = read_plan(options_.folder);
        for_each_scene(plan, 0, plan.scenes, [&](const Scene& scene) { text += scene.id + " "; });
        return text;
    }

    test::TemporaryFolder folder_;
    PlanOptions options_;
    int plans_ = 0;
    std::shared_ptr<Progress> progress_ = silent_progress();
};

TEST_F(Plans, FoldersPatternsListsAndTablesName) {
    std::filesystem::create_directories(folder_ / "in/sub");
    for (const char* name : {"in/b_20200102.tif", "in/a.tif", "in/sub/c.tif"}) draw(name);
    write("in/notes.txt", "no scene");
    write("in/broken.tif", "no picture");
    EXPECT_EQ(plan({"in"}).scenes, 3);
    EXPECT_EQ(ids(), "a b_20200102 c ");
    EXPECT_THAT(plan({"in"}).left_out, UnorderedElementsAre(Pair("cannot be read as a scene", 1)));
    plan({"in/[ab]*.tif"});
    EXPECT_EQ(ids(), "a b_20200102 ");
    write("list.txt", "# comment\n\nin/a.tif\r\n  in/sub\nhttp://h.invalid/x_20200304.tif\n");
    EXPECT_EQ(plan({"list.txt"}).of_unknown_size, 1);  // nobody is asked
    EXPECT_EQ(ids(), "a c x_20200304 ");
    write("table.csv",
          "id,href,datetime,cloud_cover\nfirst,in/a.tif,2020-05-06,7\nsecond,in/sub/"
          "c.tif,2020-05-07T10:00:00Z,90\n,,,\n");
    options_.filter.max_cloud = 50;
    plan({"table.csv"});
    EXPECT_EQ(ids(), "first ");
}

TEST_F(Plans, KnowWhatFilesTellOfThemselves) {
    draw("a_20200102.tif");
    plan({"a_20200102.tif"});
    const Plan plan = read_plan(options_.folder);
    for_each_scene(plan, 0, 1, [&](const Scene& scene) {
        EXPECT_EQ(scene.width, 32);
        EXPECT_EQ(scene.date(), "2020-01-02");
        EXPECT_EQ(scene.bytes,
                  static_cast<std::int64_t>(std::filesystem::file_size(folder_ / "a_20200102.tif")));
        ASSERT_TRUE(scene.box);
        EXPECT_NEAR((*scene.box)[0], 9, 0.01);  // EPSG:32632, easting 500 km
    });
}

TEST_F(Plans, ShareScenesOutIntoTasks) {
    for (int i = 0; i < 7; ++i) draw("s" + std::to_string(i) + ".tif");
    options_.most_tasks = 3;
    const PlanReport report = plan({"s*.tif"});
    EXPECT_EQ(report.chunk, 3);
    EXPECT_EQ(report.tasks, 3);
    const Plan plan = read_plan(options_.folder);
    EXPECT_EQ(plan.first_scene(2), 6);
    EXPECT_EQ(plan.end_scene(2), 7);
}

TEST_F(Plans, DoNotChange) {
    draw("a.tif");
    plan({"a.tif"});
    const std::string folder = options_.folder;
    EXPECT_EQ(
        std::filesystem::status(folder + "/plan.json").permissions() & std::filesystem::perms::owner_write,
        std::filesystem::perms::none);
    options_.sources = {folder_ / "a.tif"};
    EXPECT_THROW(plan_batch(options_, *progress_), Error);  // there is one already
    ::chmod((folder + "/scenes.jsonl").c_str(), 0644);
    std::fstream scenes(folder + "/scenes.jsonl", std::ios::in | std::ios::out);
    scenes.seekp(12) << '9';
    scenes.close();
    EXPECT_THROW(read_plan(folder), Error);
}

TEST_F(Plans, SaySoWhereNothingIsLeft) {
    draw("a.tif");
    options_.filter.datetime = "2020-01-01";
    try {
        plan({"a.tif"});
        FAIL() << "planned";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("1: its date is not told"));
    }
    EXPECT_FALSE(std::filesystem::exists(options_.folder));
    EXPECT_THROW(plan({"gone"}), Error);
}

TEST_F(Plans, TheSameSourcesGiveTheSameScenes) {
    for (int i = 0; i < 3; ++i) draw("s" + std::to_string(i) + ".tif");
    plan({"s*.tif"});
    const std::string first = read_plan(options_.folder).hash;
    plan({"s*.tif"});
    EXPECT_EQ(read_plan(options_.folder).hash, first);
}

// The catalogs that others publish: planned, or refused with a reason.
TEST_F(Plans, OfPublishedCatalogsHoldWhatTheyLeadTo) {
    LANDSEAM_NEEDS_SHARED_DATA();
    options_.estimate = false;
    const auto scenes = [&](const std::string& name, const std::vector<std::string>& assets = {}) {
        options_.sources = {test::shared_data("imagery/stac/" + name)};
        options_.assets = assets;
        options_.folder = folder_ / ("plan" + std::to_string(++plans_));
        return plan_batch(options_, *progress_).scenes;
    };
    EXPECT_EQ(scenes("pdd-stac/disasters/catalog.json"), 5);
    EXPECT_EQ(scenes("stac-spec/examples/catalog.json"), 1);
    EXPECT_EQ(scenes("raster-vision/tests/data_files/stac/item_collection.json", {"red", "green", "blue"}),
              3);
    EXPECT_EQ(scenes("test-case-1/catalog.json", {"ortho"}), 4);
    EXPECT_THROW(scenes("test-case-1/catalog.json"), Error);
    EXPECT_THROW(scenes("pdd-stac/disasters/santa-rosa-fires/catalog.json"), Error);
}

}  // namespace
}  // namespace landseam::catalog
