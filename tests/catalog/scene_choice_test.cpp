#include "catalog/scene_choice.h"

#include "landseam/core/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

OfferedAsset asset(const std::string& key, const std::string& common_name = "",
                   std::vector<std::string> roles = {"data"}) {
    OfferedAsset offered;
    offered.key = key;
    offered.asset.path = "/" + key + ".tif";
    if (!common_name.empty()) offered.asset.bands = {{key, common_name, std::nullopt}};
    offered.roles = std::move(roles);
    return offered;
}

std::string chosen(std::vector<OfferedAsset> offered, const std::vector<std::string>& wanted = {}) {
    Candidate candidate;
    candidate.offered = std::move(offered);
    const std::string reason = choose_assets(candidate, wanted);
    if (!reason.empty()) return reason;
    std::string paths;
    for (const Asset& taken : candidate.scene.assets) paths += taken.path + " ";
    return paths;
}

TEST(AssetChoice, IsByKeyCommonNameOrRoleInTheOrderAskedFor) {
    const std::vector<OfferedAsset> bands{asset("B02", "blue"), asset("B04", "red"), asset("B08", "nir"),
                                          asset("B8A", "nir"), asset("TCI", "", {"visual"})};
    EXPECT_EQ(chosen(bands, {"B04", "B02"}), "/B04.tif /B02.tif ");
    EXPECT_EQ(chosen(bands, {"nir", "red"}), "/B08.tif /B04.tif ");
    EXPECT_EQ(chosen(bands, {"visual"}), "/TCI.tif ");
    EXPECT_EQ(chosen(bands, {"b8a"}), "/B8A.tif ");
    EXPECT_EQ(chosen(bands, {"swir16"}), "no asset 'swir16'");
}

TEST(AssetChoice, WithoutNamesIsTheOneThatShowsTheScene) {
    EXPECT_EQ(chosen({asset("a"), asset("thumb", "", {"thumbnail"})}), "/a.tif ");
    EXPECT_EQ(chosen({asset("analytic"), asset("visual", "", {"visual"}), asset("udm")}), "/visual.tif ");
    EXPECT_EQ(chosen({asset("analytic"), asset("other", "", {})}), "/analytic.tif ");
    EXPECT_THAT(chosen({asset("B02", "blue"), asset("B03", "green")}), HasSubstr("--assets"));
    OfferedAsset text = asset("meta");
    text.asset.path = "/meta.xml";
    EXPECT_THAT(chosen({text}), HasSubstr("none of its assets"));
}

Candidate candidate(const std::string& id, const std::string& version = "", const std::string& path = "") {
    Candidate result;
    result.scene.id = id;
    result.scene.version = version;
    result.scene.assets = {{path.empty() ? "/" + id + version + ".tif" : path, {}}};
    return result;
}

std::string ids(SceneChoice& choice) {
    std::string text;
    for (const Scene& scene : choice.scenes()) text += scene.id + " ";
    return text;
}

TEST(SceneChoice, TakesWhatPassesEveryFilter) {
    PlanOptions options;
    options.filter.bbox = {10, 50, 11, 51};
    options.filter.datetime = "2023-06-01/2023-06-30";
    options.filter.max_cloud = 20;
    options.filter.where = {"platform=s2a", "gsd<=10", "collection!=old"};
    const auto offer = [&](auto change) {
        SceneChoice choice(options);
        Candidate c = candidate("a");
        c.scene.box = LonLatBox{10.5, 50.5, 12, 52};
        c.scene.datetime = "2023-06-15T10:00:00Z";
        c.properties = {{"eo:cloud_cover", 20}, {"platform", "s2a"}, {"gsd", 9.5}};
        change(c);
        choice.offer(c);
        return choice.left_out().empty() ? "" : choice.left_out().front().reason;
    };
    EXPECT_EQ(offer([](Candidate&) {}), "");
    EXPECT_EQ(offer([](Candidate& c) { c.scene.box = LonLatBox{12, 50, 13, 51}; }), "outside of --bbox");
    EXPECT_EQ(offer([](Candidate& c) { c.scene.box.reset(); }), "where it lies is not told");
    EXPECT_EQ(offer([](Candidate& c) { c.scene.datetime = "2023-07-01T00:00:00Z"; }),
              "outside of --datetime");
    EXPECT_EQ(offer([](Candidate& c) { c.scene.datetime.clear(); }), "its date is not told");
    EXPECT_EQ(offer([](Candidate& c) { c.properties["eo:cloud_cover"] = 20.1; }),
              "cloudier than --max-cloud");
    EXPECT_EQ(offer([](Candidate& c) { c.properties.erase("eo:cloud_cover"); }),
              "its cloud cover is not told");
    EXPECT_EQ(offer([](Candidate& c) { c.properties["platform"] = "s2b"; }), "not --where platform=s2a");
    EXPECT_EQ(offer([](Candidate& c) { c.properties["gsd"] = 100; }),
              "not --where gsd<=10");  // as numbers, not as text
    EXPECT_EQ(offer([](Candidate& c) { c.properties.erase("gsd"); }), "'gsd' is not told");
    EXPECT_EQ(offer([](Candidate& c) { c.scene.collection = "old"; }), "not --where collection!=old");
}

TEST(SceneChoice, BoxesMayCrossTheAntimeridianAndAreasHaveHoles) {
    EXPECT_TRUE(touches(LonLatBox{170, 0, -170, 10}, LonLatBox{-175, 5, -174, 6}));
    EXPECT_FALSE(touches(LonLatBox{170, 0, -170, 10}, LonLatBox{0, 5, 1, 6}));
    const MultiPolygon ring{{{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, {{{2, 2}, {8, 2}, {8, 8}, {2, 8}}}}};
    EXPECT_TRUE(touches(LonLatBox{0.5, 0.5, 1, 1}, ring));  // inside of it
    EXPECT_FALSE(touches(LonLatBox{4, 4, 5, 5}, ring));     // in its hole
    EXPECT_TRUE(touches(LonLatBox{-5, -5, 20, 20}, ring));  // around it
    EXPECT_FALSE(touches(LonLatBox{11, 11, 12, 12}, ring));
    EXPECT_TRUE(
        touches(LonLatBox{9, -5, 9.5, 20}, ring));  // across it, with no corner of either in the other
}

TEST(SceneChoice, OfVersionsTheNewestStaysWhateverTheOrder) {
    for (const bool reversed : {false, true}) {
        const PlanOptions options;
        SceneChoice choice(options);
        std::vector<Candidate> candidates{
            candidate("x", "1"),
            candidate("x", "3"),
            candidate("x", "2"),
            candidate("y", "1"),
            candidate("LC08_L2SP_014034_20200601_20200824_02_T1"),
            candidate("LC08_L2SP_014034_20200601_20200608_02_RT"),
            candidate("S2A_MSIL2A_20230617T105621_N0509_R094_T31UDQ_20230617T170054"),
            candidate("S2A_MSIL2A_20230617T105621_N0510_R094_T31UDQ_20240101T000000")};
        if (reversed) std::reverse(candidates.begin(), candidates.end());
        for (const Candidate& c : candidates) choice.offer(c);
        choice.resolve_versions();
        EXPECT_EQ(choice.left_out().size(), 4u);
        EXPECT_THAT(ids(choice), HasSubstr("20200824_02_T1"));
        EXPECT_THAT(ids(choice), HasSubstr("_N0510_"));
        for (const Scene& scene : choice.scenes())
            EXPECT_TRUE(scene.id != "x" || scene.assets.front().path == "/x3.tif");
    }
}

TEST(SceneChoice, EqualFilesAreOneSceneAndFilesOfOneNameAreTwo) {
    const PlanOptions options;
    SceneChoice choice(options);
    choice.offer(candidate("a", "", "/one.tif"));
    choice.offer(candidate("b", "", "/one.tif"));
    Candidate first = candidate("B04", "", "/s1/B04.tif"), second = candidate("B04", "", "/s2/B04.tif");
    first.scene.is_file = second.scene.is_file = true;
    choice.offer(first);
    choice.offer(second);
    Candidate gone = candidate("d");
    gone.deprecated = true;
    choice.offer(gone);
    choice.resolve_versions();
    EXPECT_EQ(ids(choice), "a s1/B04 s2/B04 ");
    ASSERT_EQ(choice.left_out().size(), 2u);
    EXPECT_THAT(choice.left_out().at(0).reason, HasSubstr("deprecated"));
    EXPECT_THAT(choice.left_out().at(1).reason, HasSubstr("same files"));
}

}  // namespace
}  // namespace landseam::catalog
