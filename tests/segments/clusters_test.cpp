#include "landseam/segments/clusters.h"

#include "landseam/core/error.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace landseam::segments {
namespace {

struct Drawn {
    FeatureTable table;
    std::vector<int> groups;
};

// Four clouds of unlike size at the corners of a square, the first one the largest.
Drawn clouds() {
    Drawn drawn;
    drawn.table.names = {"a", "b", "constant"};
    std::mt19937_64 random(1);
    std::normal_distribution<float> spread(0, 0.25F);
    const int sizes[] = {120, 90, 80, 70};
    for (int group = 0; group < 4; ++group)
        for (int i = 0; i < sizes[group]; ++i) {
            drawn.groups.push_back(group);
            const float a = group % 2 ? 4 : 0, b = group / 2 ? 4 : 0;
            for (const float value : {a + spread(random), b + spread(random), 1.F})
                drawn.table.values.push_back(value);
        }
    return drawn;
}

class ClusterMethods : public testing::TestWithParam<const char*> {};

TEST_P(ClusterMethods, FindGroupsAndTheirNumber) {
    const Drawn drawn = clouds();
    ClusterOptions options;
    options.method = GetParam();
    options.most_clusters = 7;
    const Clusters clusters = find_clusters(drawn.table, options);
    EXPECT_EQ(clusters.count, 4);
    EXPECT_GT(adjusted_rand_index(clusters.of_rows, drawn.groups), 0.95);
    EXPECT_EQ(clusters.of_rows[0], 0);  // larger ones first
    EXPECT_GE(clusters.distance[0], 0);
    const Clusters again = find_clusters(drawn.table, options);
    EXPECT_EQ(again.of_rows, clusters.of_rows);
    EXPECT_EQ(again.scores, clusters.scores);
}

INSTANTIATE_TEST_SUITE_P(All, ClusterMethods, testing::Values("kmeans", "gmm", "density"));

TEST(Clusters, LeaveOutWhatNothingIsKnownOf) {
    Drawn drawn = clouds();
    for (std::size_t c = 0; c < 3; ++c) drawn.table.row(5)[c] = std::numeric_limits<float>::quiet_NaN();
    drawn.table.row(6)[1] = std::numeric_limits<float>::infinity();
    ClusterOptions options;
    options.clusters = 4;
    const Clusters clusters = find_clusters(drawn.table, options);
    EXPECT_EQ(clusters.of_rows[5], -1);
    EXPECT_TRUE(std::isnan(clusters.distance[5]));
    EXPECT_GE(clusters.of_rows[6], 0);
}

TEST(Clusters, CallStraysNone) {
    Drawn drawn = clouds();
    drawn.table.values.insert(drawn.table.values.end(), {2, 2, 1});  // in the middle of the square
    ClusterOptions options;
    options.method = "density";
    EXPECT_EQ(find_clusters(drawn.table, options).of_rows.back(), -1);
}

TEST(Clusters, RefuseWhatCannotBeGrouped) {
    FeatureTable constant;
    constant.names = {"a"};
    constant.values.assign(10, 1);
    EXPECT_THROW(find_clusters(constant, {}), Error);
    FeatureTable two;
    two.names = {"a"};
    two.values = {1, 2};
    ClusterOptions options;
    options.clusters = 3;
    EXPECT_THROW(find_clusters(two, options), Error);
    options.clusters = 1;
    EXPECT_THROW(find_clusters(clouds().table, options), Error);
    options = {};
    options.method = "magic";
    EXPECT_THROW(find_clusters(clouds().table, options), Error);
}

TEST(AdjustedRandIndex, IsOneForEqualGroupingsAndAsPublishedForOthers) {
    EXPECT_DOUBLE_EQ(adjusted_rand_index({0, 0, 1, 1}, {5, 5, 2, 2}), 1);
    // Two pairs of which one is torn apart: (1 − 1/3) / (1.5 − 1/3).
    EXPECT_NEAR(adjusted_rand_index({0, 0, 1, 1}, {0, 0, 1, 2}), (1 - 1.0 / 3) / (1.5 - 1.0 / 3), 1e-12);
    EXPECT_NEAR(adjusted_rand_index({0, 0, 1, 1}, {0, 1, 0, 1}), -0.5, 1e-12);
    EXPECT_DOUBLE_EQ(adjusted_rand_index({0, 0, 1, 1, -1}, {5, 5, 2, 2, 5}), 1);
}

}  // namespace
}  // namespace landseam::segments
