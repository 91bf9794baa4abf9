// landseam batch as people and engines call it.
#include "landseam/output/layer_reader.h"

#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/json.h"
#include "support/postgis_server.h"
#include "support/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace landseam::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Batch : public testing::Test {
protected:
    Batch() {
        ::setenv("SOURCE_DATE_EPOCH", "0", 1);
        for (const char* variable :
             {"SLURM_ARRAY_TASK_ID", "AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX"})
            ::unsetenv(variable);
        std::filesystem::create_directory(folder_ / "scenes");
    }
    // Scenes side by side that overlap by a third; `count` of one day.
    void draw(int count) const {
        for (int i = 0; i < count; ++i) {
            DrawnScene scene;
            scene.width = scene.height = 240;
            scene.geo_transform[0] += 80 * i;
            write_drawn_scene(folder_ / ("scenes/s" + std::to_string(i) + "_20200102.tif"), scene);
        }
    }
    Outcome plan(const std::vector<std::string>& more = {}, const std::string& points = "4",
                 const std::string& tile = "160") const {
        std::vector<std::string> words{
            "batch",       "plan", folder_ / "scenes", folder_ / "batch", "--points-per-side", points,
            "--tile-size", tile,   "--no-estimate",    "--quiet"};
        words.insert(words.end(), more.begin(), more.end());
        return run_landseam(words);
    }
    Outcome batch(const std::string& what, const std::vector<std::string>& more = {}) const {
        std::vector<std::string> words{"batch", what, folder_ / "batch"};
        words.insert(words.end(), more.begin(), more.end());
        return run_landseam(words);
    }
    std::string text_of(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
        return text.str();
    }
    std::string scene_file(int scene, const std::string& name) const {
        return "batch/scenes/000/00000" + std::to_string(scene) + "/" + name;
    }
    Json status(int scene) const { return Json::parse(text_of(scene_file(scene, "status.json"))); }

    TemporaryFolder folder_;
};

TEST_F(Batch, GoesFromAFolderToOneLayer) {
    draw(3);
    const Outcome planned = plan({"--simplify", "1"});
    ASSERT_EQ(planned.exit_code, 0) << planned.err;
    EXPECT_THAT(planned.out, HasSubstr("3 scenes in 3 tasks"));
    EXPECT_THAT(text_of("batch/plan.json"),
                AllOf(HasSubstr("--simplify=1"), HasSubstr("--points-per-side=4")));
    const Outcome run = batch("run", {"--jobs", "2"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("3 done, 0 done before"));
    EXPECT_THAT(text_of(scene_file(0, "segments.gpkg.settings.json")), HasSubstr("\"points_per_side\": 4"));
    EXPECT_TRUE(std::filesystem::exists(folder_ / scene_file(2, "thumbnail.png")));
    EXPECT_FALSE(std::filesystem::exists(folder_ / scene_file(2, "work")));
    const Outcome merged = batch("merge", {folder_ / "all.gpkg", "--report", folder_ / "all.html"});
    ASSERT_EQ(merged.exit_code, 0) << merged.err;
    const output::ReadLayer layer = output::read_layer(folder_ / "all.gpkg");
    std::int64_t parts = 0;
    for (int i = 0; i < 3; ++i) parts += status(i)["segments"].integer();
    EXPECT_GT(parts, 10);
    EXPECT_LT(static_cast<std::int64_t>(layer.features.size()), parts);  // what two scenes show is there once
    EXPECT_THAT(layer.field_names, testing::IsSupersetOf({"id", "scene", "date", "scenes", "mean_1"}));
    const Json items = Json::parse(text_of("all.gpkg.items.json"));
    ASSERT_EQ(items["features"].size(), 3u);
    const Json& item = items["features"][0];
    EXPECT_EQ(item["id"].string(), "s0_20200102");
    EXPECT_EQ(item["properties"]["datetime"].string(), "2020-01-02T00:00:00Z");
    EXPECT_TRUE(std::filesystem::exists(folder_ / item["assets"]["segments"]["href"].string()));
    EXPECT_THAT(text_of("all.html"), AllOf(HasSubstr("s1_20200102"), HasSubstr("data:image/")));
    // All of it once more changes nothing.
    EXPECT_THAT(batch("run").out, HasSubstr("0 done, 3 done before"));
    EXPECT_EQ(status(0)["times_done"].integer(), 1);
    EXPECT_EQ(batch("merge", {folder_ / "all.gpkg"}).exit_code, 1);
    EXPECT_EQ(batch("merge", {folder_ / "again.gpkg"}).exit_code, 0);
    EXPECT_EQ(text_of("all.gpkg"), text_of("again.gpkg"));
}

TEST_F(Batch, ATaskIsFoundByTheEnginesVariable) {
    draw(2);
    ASSERT_EQ(plan().exit_code, 0);
    const Outcome none = batch("run-task");
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_THAT(none.err, HasSubstr("SLURM_ARRAY_TASK_ID"));
    ::setenv("JOB_COMPLETION_INDEX", "1", 1);
    EXPECT_EQ(batch("run-task", {"--quiet"}).exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder_ / scene_file(0, "status.json")));
    EXPECT_EQ(status(1)["state"].string(), "done");
    ::setenv("AWS_BATCH_JOB_ARRAY_INDEX", "0", 1);  // before the other one
    EXPECT_EQ(batch("run-task", {"--quiet"}).exit_code, 0);
    EXPECT_EQ(status(0)["state"].string(), "done");
    ::setenv("SLURM_ARRAY_TASK_ID", "7", 1);
    EXPECT_EQ(batch("run-task").exit_code, 2);
    ::setenv("SLURM_ARRAY_TASK_ID", "seven", 1);
    EXPECT_EQ(batch("run-task").exit_code, 2);
    for (const char* variable : {"SLURM_ARRAY_TASK_ID", "AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX"})
        ::unsetenv(variable);
}

TEST_F(Batch, FaultsThatPassAreToldFromThoseThatStay) {
    draw(1);
    write_drawn_scene(folder_ / "scenes/gone.tif");
    std::ofstream(folder_ / "list.txt")
        << "scenes/s0_20200102.tif\nscenes/gone.tif\nhttp://127.0.0.1:9/far_20200102.tif\n";
    const Outcome planned =
        run_landseam({"batch", "plan", folder_ / "list.txt", folder_ / "batch", "--points-per-side", "4",
                      "--tile-size", "160", "--no-estimate", "-q"});
    ASSERT_EQ(planned.exit_code, 0) << planned.err;
    std::filesystem::rename(folder_ / "scenes/gone.tif", folder_ / "scenes/moved.tif");
    EXPECT_EQ(batch("run-task", {"--index", "1", "-q"}).exit_code, 1);
    const Outcome far = batch("run-task", {"--index", "2", "-q", "--retries", "1", "--retry-delay", "0.1"});
    EXPECT_EQ(far.exit_code, 75) << far.err;
    EXPECT_EQ(status(2)["attempts"].integer(), 2);
    EXPECT_EQ(status(2)["state"].string(), "waiting");
    EXPECT_GE(status(2)["log"].size(), 1u);
    const Outcome run = batch("run", {"-q", "--retries", "0"});
    EXPECT_EQ(run.exit_code, 75);
    EXPECT_THAT(run.out, HasSubstr("1 done, 0 done before, 1 failed, 1 to be tried again"));
    EXPECT_EQ(status(1)["attempts"].integer(), 1);  // failed for good: not tried again unasked
    const Outcome listed = batch("status", {"--failed"});
    EXPECT_THAT(listed.out,
                AllOf(HasSubstr("failed  scene 1  gone: "), HasSubstr("waiting  scene 2  far_20200102: "),
                      HasSubstr("done            1")));
    const Json told = Json::parse(batch("status", {"--json"}).out);
    EXPECT_EQ(told["states"]["waiting"].integer(), 1);
    EXPECT_EQ(told["list"][1]["state"].string(), "failed");
    const Outcome merged = batch("merge", {folder_ / "part.fgb"});
    EXPECT_EQ(merged.exit_code, 1);
    EXPECT_THAT(merged.out, HasSubstr("missing: gone: "));
    EXPECT_TRUE(std::filesystem::exists(folder_ / "part.fgb"));
    EXPECT_EQ(batch("merge", {folder_ / "part2.fgb", "--allow-missing"}).exit_code, 0);
    std::filesystem::rename(folder_ / "scenes/moved.tif", folder_ / "scenes/gone.tif");
    EXPECT_EQ(batch("run-task", {"--index", "1", "-q", "--retry-failed"}).exit_code, 0);
    EXPECT_EQ(status(1)["state"].string(), "done");
}

TEST_F(Batch, KilledAtAnyMomentItGoesOnToTheSameLayer) {
    draw(2);
    ASSERT_EQ(plan().exit_code, 0);
    ASSERT_EQ(batch("run", {"-q", "--jobs", "2"}).exit_code, 0);
    ASSERT_EQ(batch("merge", {folder_ / "whole.gpkg", "-q"}).exit_code, 0);
    std::filesystem::rename(folder_ / "batch", folder_ / "whole");
    ASSERT_EQ(plan().exit_code, 0);
    const auto exists = [&](const std::string& name) { return std::filesystem::exists(folder_ / name); };
    const std::function<bool()> moments[] = {
        [&] { return exists(scene_file(0, "status.json")); },
        [&] { return std::filesystem::exists(folder_ / scene_file(0, "work/tiles")); },
        [&] { return exists(scene_file(0, "segments.gpkg")); },
        [&] { return exists(scene_file(1, "work/tiles")); }};
    for (const auto& moment : moments)
        EXPECT_EQ(
            interrupt_landseam({"batch", "run", folder_ / "batch", "-q", "--jobs", "1"}, SIGKILL, moment)
                .exit_code,
            128 + SIGKILL);
    EXPECT_THAT(batch("status").out, Not(HasSubstr("running")));  // its scenes' processes went with it
    const Outcome rest = batch("run", {"-q"});
    ASSERT_EQ(rest.exit_code, 0) << rest.err;
    ASSERT_EQ(batch("merge", {folder_ / "out.gpkg", "-q"}).exit_code, 0);
    EXPECT_EQ(text_of("out.gpkg"), text_of("whole.gpkg"));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(status(i)["times_done"].integer(), 1);
}

TEST_F(Batch, InterruptedItKeepsFinishedTiles) {
    draw(1);
    ASSERT_EQ(plan({}, "8", "96").exit_code, 0);
    const Outcome stopped =
        interrupt_landseam({"batch", "run", folder_ / "batch", "-q", "--threads", "1"}, SIGINT,
                           [&] { return text_of(scene_file(0, "work/tiles")).size() > 1; });
    EXPECT_EQ(stopped.exit_code, 75) << stopped.err;
    EXPECT_EQ(status(0)["state"].string(), "waiting");
    EXPECT_EQ(batch("run", {"-q"}).exit_code, 0);
    EXPECT_GE(status(0)["tiles_kept"].integer(), 1);
}

TEST_F(Batch, StacksTheAssetsOfAnItem) {
    DrawnScene scene;
    scene.width = scene.height = 160;
    write_drawn_scene(folder_ / "rgb.tif", scene);
    for (int band = 1; band <= 3; ++band) {
        const std::string command = "gdal_translate -q -b " + std::to_string(band) + " " +
                                    (folder_ / "rgb.tif") + " " +
                                    (folder_ / ("B0" + std::to_string(5 - band) + ".tif"));
        ASSERT_EQ(std::system(command.c_str()), 0);
    }
    std::ofstream(folder_ / "item.json")
        << R"({"type": "Feature", "stac_version": "1.0.0", "id": "s2", "geometry": null,
      "properties": {"datetime": "2023-06-17T10:00:00Z"}, "links": [], "assets": {
      "blue": {"href": "./B02.tif", "eo:bands": [{"name": "B02", "common_name": "blue"}]},
      "green": {"href": "./B03.tif", "eo:bands": [{"name": "B03", "common_name": "green"}]},
      "red": {"href": "./B04.tif", "eo:bands": [{"name": "B04", "common_name": "red"}]}}})";
    const Outcome planned =
        run_landseam({"batch", "plan", folder_ / "item.json", folder_ / "batch", "--assets", "red,green,blue",
                      "--points-per-side", "4", "--tile-size", "160", "--no-estimate", "-q"});
    ASSERT_EQ(planned.exit_code, 0) << planned.err;
    ASSERT_EQ(batch("run", {"-q"}).exit_code, 0) << batch("status", {"--failed"}).out;
    ASSERT_EQ(run_landseam({"segment", folder_ / "rgb.tif", folder_ / "rgb.gpkg", "--bands", "1,2,3",
                            "--points-per-side", "4", "--tile-size", "160", "-q"})
                  .exit_code,
              0);
    const output::ReadLayer stacked = output::read_layer(folder_ / scene_file(0, "segments.gpkg")),
                            plain = output::read_layer(folder_ / "rgb.gpkg");
    ASSERT_EQ(stacked.features.size(), plain.features.size());
    for (std::size_t i = 0; i < plain.features.size(); ++i)
        EXPECT_EQ(stacked.features[i].geometry[0].outer, plain.features[i].geometry[0].outer);
}

TEST_F(Batch, TasksWriteIntoOneTableAtOnceAndAgain) {
    if (!PostgisServer::is_installed()) GTEST_SKIP() << "needs Debian's postgresql-15-postgis-3";
    PostgisServer server;
    draw(2);
    ASSERT_EQ(plan({"--to", server.connection()}).exit_code, 0);
    const auto rows = [&] {
        std::map<std::string, int> counts;
        const output::ReadLayer layer = output::read_layer(server.connection(), "segments");
        const auto field = std::find(layer.field_names.begin(), layer.field_names.end(), "scene") -
                           layer.field_names.begin();
        for (const output::Feature& feature : layer.features)
            ++counts[std::get<std::string>(feature.values[static_cast<std::size_t>(field)])];
        return counts;
    };
    Outcome first, second;
    std::thread other([&] { first = batch("run-task", {"--index", "0", "-q"}); });
    second = batch("run-task", {"--index", "1", "-q"});
    other.join();
    ASSERT_EQ(first.exit_code, 0) << first.err;
    ASSERT_EQ(second.exit_code, 0) << second.err;
    const std::map<std::string, int> expected{{"s0_20200102", status(0)["segments"].integer()},
                                              {"s1_20200102", status(1)["segments"].integer()}};
    EXPECT_GT(status(0)["segments"].integer(), 3);
    EXPECT_EQ(rows(), expected);
    // As after a process that died once its rows were there and before it could say so.
    std::filesystem::remove(folder_ / scene_file(0, "status.json"));
    ASSERT_EQ(batch("run-task", {"--index", "0", "-q"}).exit_code, 0);
    EXPECT_EQ(rows(), expected);
}

TEST_F(Batch, WritesJobFilesForTasksThatAreNotDone) {
    draw(3);
    ASSERT_EQ(plan().exit_code, 0);
    ASSERT_EQ(batch("run-task", {"--index", "1", "-q"}).exit_code, 0);
    const Outcome slurm = batch(
        "submit", {"--engine", "slurm", "--dry-run", "--jobs", "2", "--merge", folder_ / "it's all.gpkg"});
    ASSERT_EQ(slurm.exit_code, 0) << slurm.err;
    EXPECT_THAT(slurm.out, HasSubstr("2 tasks"));
    const std::string array = text_of("batch/jobs/array.sbatch");
    EXPECT_THAT(array, AllOf(StartsWith("#!/bin/bash\n"), HasSubstr("#SBATCH --array=0,2%2\n"),
                             HasSubstr("scontrol requeue"), HasSubstr("batch run-task")));
    EXPECT_THAT(text_of("batch/jobs/merge.sbatch"), HasSubstr("it'\\''s all.gpkg"));
    for (const char* file : {"array.sbatch", "merge.sbatch"})
        EXPECT_EQ(std::system(("bash -n " + (folder_ / ("batch/jobs/" + std::string(file)))).c_str()), 0);
    ASSERT_EQ(batch("submit", {"--engine", "parallel", "--dry-run"}).exit_code, 0);
    EXPECT_EQ(text_of("batch/jobs/tasks.txt"), "0\n2\n");
    EXPECT_EQ(batch("submit", {"--engine", "pbs"}).exit_code, 2);
}

// Runs one of tests/cluster's scripts on the scenes that were drawn; 77 where what it needs is not installed.
int run_script(const std::string& name, const std::string& scenes) {
    const std::string port = std::to_string(20000 + ::getpid() % 1000 * 10);
    const std::string command = "SLURM_TEST_PORT=" + port + " HTTP_TEST_PORT=" + port +
                                " " LANDSEAM_SCRIPTS "/" + name + " " LANDSEAM_PROGRAM " " + scenes +
                                " --points-per-side 4 --tile-size 160 --no-estimate 1>&2";
    return WEXITSTATUS(std::system(command.c_str()));
}

TEST_F(Batch, OnSlurmEverySceneIsDoneOnceThoughTasksAndNodesDie) {
    draw(5);
    const int code = run_script("on_slurm", folder_ / "scenes");
    if (code == 77) GTEST_SKIP() << "needs Debian's slurm-wlm and munge";
    EXPECT_EQ(code, 0);
}

TEST_F(Batch, OverHttpTheLayerIsThatOfFilesOnDisk) {
    draw(2);
    const int code = run_script("over_http", folder_ / "scenes");
    if (code == 77) GTEST_SKIP() << "needs Debian's nginx-light";
    EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace landseam::test
