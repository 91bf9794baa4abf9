#include "landseam/segments/classifier.h"

#include "landseam/core/error.h"

#include <cmath>
#include <limits>
#include <random>
#include <thread>

#include <gtest/gtest.h>

namespace landseam::segments {
namespace {

struct Drawn {
    FeatureTable table;
    std::vector<int> labels;
    std::vector<std::string> classes{"field", "house", "water"};
};

// Three clouds in two features; a third one is noise, a fourth one constant.
Drawn clouds(int rows, std::uint64_t seed, int classes = 3) {
    Drawn drawn;
    drawn.classes.resize(static_cast<std::size_t>(classes));
    drawn.table.names = {"a", "b", "noise", "constant"};
    std::mt19937_64 random(seed);
    std::normal_distribution<float> spread(0, 0.6F);
    for (int i = 0; i < rows; ++i) {
        const int label = i % classes;
        drawn.labels.push_back(label);
        const float a = label == 1 ? 3 : 0, b = label == 2 ? 3 : 0;
        for (const float value : {a + spread(random), b + spread(random), spread(random), 7.F})
            drawn.table.values.push_back(value);
    }
    return drawn;
}

double accuracy(const ClassModel& model, const Drawn& drawn) {
    return compare_classes(class_probabilities(model, drawn.table), drawn.labels, drawn.classes.size())
        .accuracy;
}

ParallelFor on_threads() {
    return [](std::size_t count, const std::function<void(std::size_t)>& body) {
        std::vector<std::thread> threads;
        for (std::size_t first = 0; first < 3; ++first)
            threads.emplace_back([&, first] {
                for (std::size_t i = count; i-- > 0;)
                    if (i % 3 == first) body(i);
            });
        for (std::thread& thread : threads) thread.join();
    };
}

class Methods : public testing::TestWithParam<std::tuple<const char*, int>> {};

TEST_P(Methods, TellCloudsApartAndTheSameWhateverTheThreads) {
    const auto [method, classes] = GetParam();
    ClassifierOptions options;
    options.method = method;
    options.trees = 30;
    const Drawn learned = clouds(240, 1, classes), held = clouds(150, 2, classes);
    const ClassModel model = train_classes(learned.table, learned.labels, learned.classes, options);
    EXPECT_GT(accuracy(model, held), 0.93);
    EXPECT_NO_THROW(model.check("model"));
    EXPECT_EQ(model.features, (std::vector<std::string>{"a", "b", "noise"}));
    const std::vector<float> probabilities = class_probabilities(model, held.table);
    for (std::size_t i = 0; i < held.labels.size(); ++i) {
        float sum = 0;
        for (int c = 0; c < classes; ++c)
            sum += probabilities[i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(c)];
        EXPECT_NEAR(sum, 1, 1e-5);
    }
    const ClassModel again =
        train_classes(learned.table, learned.labels, learned.classes, options, on_threads());
    EXPECT_EQ(class_probabilities(again, held.table, on_threads()), probabilities);
}

INSTANTIATE_TEST_SUITE_P(All, Methods,
                         testing::Combine(testing::Values("forest", "boost", "svm", "knn"),
                                          testing::Values(2, 3)),
                         [](const auto& instance) {
                             return std::get<0>(instance.param) + std::to_string(std::get<1>(instance.param));
                         });

TEST(Classifier, LearnsFromLabelledRowsOnlyAndTakesUnknownValues) {
    Drawn drawn = clouds(240, 3);
    for (std::size_t i = 0; i < drawn.labels.size(); i += 4) {
        drawn.labels[i] = -1;
        drawn.table.row(i)[0] = 1e6F;  // would spoil what is learned
        drawn.table.row(i + 1)[2] = std::numeric_limits<float>::quiet_NaN();
        drawn.table.row(i + 2)[2] = std::numeric_limits<float>::infinity();
    }
    const ClassModel model = train_classes(drawn.table, drawn.labels, drawn.classes, {});
    const Drawn held = clouds(150, 4);
    EXPECT_GT(accuracy(model, held), 0.93);
    FeatureTable nothing = held.table;
    std::fill(nothing.values.begin(), nothing.values.end(), std::numeric_limits<float>::quiet_NaN());
    for (const float p : class_probabilities(model, nothing)) EXPECT_TRUE(p >= 0 && p <= 1);
}

TEST(Classifier, LetsRareClassesCountUnlessWeightsAreNamed) {
    // Two clouds that overlap, one of them rare.
    Drawn drawn;
    drawn.classes = {"common", "rare"};
    drawn.table.names = {"a"};
    std::mt19937_64 random(5);
    std::normal_distribution<float> spread(0, 1);
    for (int i = 0; i < 1000; ++i) {
        drawn.labels.push_back(i % 20 == 0);
        drawn.table.values.push_back(spread(random) + (i % 20 == 0 ? 1.5F : 0));
    }
    const auto recall = [&](std::map<std::string, double> weights) {
        ClassifierOptions options;
        options.weights = std::move(weights);
        const ClassModel model = train_classes(drawn.table, drawn.labels, drawn.classes, options);
        double sum = 0;
        const std::vector<float> p = class_probabilities(model, drawn.table);
        for (std::size_t i = 0; i < drawn.labels.size(); ++i)
            sum += drawn.labels[i] == 1 && p[2 * i + 1] > 0.5;
        return sum / 50;
    };
    EXPECT_GT(recall({}), recall({{"common", 1}, {"rare", 0.01}}) + 0.1);
    ClassifierOptions negative;
    negative.weights["rare"] = -1;
    EXPECT_THROW(train_classes(drawn.table, drawn.labels, drawn.classes, negative), Error);
}

TEST(Classifier, RefusesOneClassAndTablesThatLackFeatures) {
    Drawn drawn = clouds(60, 6);
    EXPECT_THROW(train_classes(drawn.table, std::vector<int>(60, 1), drawn.classes, {}), Error);
    EXPECT_THROW(train_classes(drawn.table, std::vector<int>(60, -1), drawn.classes, {}), Error);
    const ClassModel model = train_classes(drawn.table, drawn.labels, drawn.classes, {});
    drawn.table.names[1] = "other";
    try {
        class_probabilities(model, drawn.table);
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("missing here: b"), std::string::npos) << error.what();
    }
    FeatureTable constant;
    constant.names = {"a"};
    constant.values.assign(60, 1);
    EXPECT_THROW(train_classes(constant, drawn.labels, drawn.classes, {}), Error);
}

TEST(ClassModel, WithWrongPlacesIsRefused) {
    const Drawn drawn = clouds(90, 7);
    const ClassModel forest = train_classes(drawn.table, drawn.labels, drawn.classes, {});
    const auto refused = [](ClassModel model, const auto& spoil) {
        spoil(model);
        EXPECT_THROW(model.check("model"), Error);
    };
    const auto inner = static_cast<std::size_t>(
        std::find_if(forest.nodes.begin(), forest.nodes.end(), [](const auto& n) { return n.feature >= 0; }) -
        forest.nodes.begin());
    refused(forest,
            [&](ClassModel& m) { m.nodes[inner].left = static_cast<int>(inner); });  // a way without end
    refused(forest, [&](ClassModel& m) { m.nodes[inner].right = 1 << 30; });
    refused(forest, [&](ClassModel& m) { m.nodes[inner].feature = 99; });
    refused(forest, [&](ClassModel& m) { m.nodes[inner] = {-1, 0, 1 << 30, 0}; });
    refused(forest, [&](ClassModel& m) { m.roots[0] = -1; });
    refused(forest, [&](ClassModel& m) { m.leaves.pop_back(); });
    refused(forest, [&](ClassModel& m) { m.fill.pop_back(); });
    refused(forest, [&](ClassModel& m) { m.scale[0] = 0; });
    refused(forest, [&](ClassModel& m) { m.method = "oracle"; });
    refused(forest, [&](ClassModel& m) { m.classes = {"field"}; });
    refused(forest, [&](ClassModel& m) { m.features[1] = m.features[0]; });
    ClassifierOptions options;
    options.method = "svm";
    const ClassModel machines = train_classes(drawn.table, drawn.labels, drawn.classes, options);
    refused(machines, [&](ClassModel& m) { m.machines.pop_back(); });
    refused(machines, [&](ClassModel& m) { m.machines[0].vectors.pop_back(); });
    options.method = "knn";
    const ClassModel neighbours = train_classes(drawn.table, drawn.labels, drawn.classes, options);
    refused(neighbours, [&](ClassModel& m) { m.labels[0] = 3; });
    refused(neighbours, [&](ClassModel& m) { m.neighbours = 0; });
}

TEST(CrossValidation, HoldsFoldsOutAndFindsWhatMatters) {
    const Drawn drawn = clouds(300, 8);
    std::vector<int> folds;
    for (std::size_t i = 0; i < drawn.labels.size(); ++i) folds.push_back(static_cast<int>(i / 60));
    ClassifierOptions options;
    options.trees = 30;
    const ValidationResult result = cross_validate(drawn.table, drawn.labels, drawn.classes, folds, options);
    EXPECT_GT(compare_classes(result.probabilities, drawn.labels, 3).accuracy, 0.93);
    ASSERT_EQ(result.importance.size(), 3u);
    EXPECT_EQ(result.importance.back().first, "noise");
    EXPECT_GT(result.importance[1].second, 0.1);
    EXPECT_EQ(
        cross_validate(drawn.table, drawn.labels, drawn.classes, folds, options, on_threads()).importance,
        result.importance);

    // What a fold's labels are does not matter to what is told of it: held out, they are not seen.
    std::vector<int> wrong = drawn.labels;
    for (std::size_t i = 0; i < 60; ++i) wrong[i] = (wrong[i] + 1) % 3;
    const ValidationResult other = cross_validate(drawn.table, wrong, drawn.classes, folds, options);
    EXPECT_TRUE(std::equal(other.probabilities.begin(), other.probabilities.begin() + 180,
                           result.probabilities.begin()));
}

TEST(ClassAgreement, CountsByHand) {
    const std::vector<float> p{0.9F, 0.1F, 0.2F, 0.8F, 0.6F, 0.4F, 0.3F, 0.7F};
    const ClassAgreement agreement = compare_classes(p, {0, 0, 1, -1}, 2);
    EXPECT_EQ(agreement.confusion, (std::vector<std::vector<std::int64_t>>{{1, 1}, {1, 0}}));
    EXPECT_DOUBLE_EQ(agreement.precision[0], 0.5);
    EXPECT_DOUBLE_EQ(agreement.f1[0], 0.5);
    EXPECT_DOUBLE_EQ(agreement.f1[1], 0);
    EXPECT_DOUBLE_EQ(agreement.accuracy, 1.0 / 3);
}

}  // namespace
}  // namespace landseam::segments
