#include "pipeline/layer_colors.h"

#include "landseam/core/error.h"

#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

using output::FieldValue;

output::ReadLayer layer_with(const std::vector<FieldValue>& values) {
    output::ReadLayer layer;
    layer.field_names = {"value"};
    for (const FieldValue& value : values)
        layer.features.push_back({0, {{{{0, 0}, {4, 0}, {4, 4}}, {}}}, {value}});
    return layer;
}

FieldValue text(const char* words) {
    return std::string(words);
}

TEST(LayerColors, GiveEachClassAColorTheMostFrequentFirst) {
    const LayerColors colors =
        color_layer(layer_with({text("tree"), text("roof"), text("roof"), FieldValue()}), 0);
    ASSERT_EQ(colors.legend.size(), 2u);
    EXPECT_EQ(colors.legend[0].text, "roof");
    EXPECT_EQ(colors.of_objects[1], colors.legend[0].color);
    EXPECT_EQ(colors.of_objects[1], colors.of_objects[2]);
    EXPECT_NE(colors.of_objects[0], colors.of_objects[1]);
    EXPECT_NE(colors.of_objects[3], colors.of_objects[0]) << "null has the colour of a class";
}

TEST(LayerColors, LeaveRareClassesGrey) {
    std::vector<FieldValue> values;
    for (char name = 'a'; name <= 'z'; ++name) values.push_back(std::string(1, name));
    const LayerColors colors = color_layer(layer_with(values), 0);
    EXPECT_EQ(colors.legend.size(), 13u);
    EXPECT_EQ(colors.legend.back().text, "other");
    EXPECT_EQ(colors.of_objects[25], colors.legend.back().color);
}

TEST(LayerColors, PutNumbersOnARampAndFewWholeNumbersInClasses) {
    const LayerColors ramp = color_layer(layer_with({0.5, 1.5, 1.0}), 0);
    EXPECT_EQ(ramp.legend.front().text, "1.5");
    EXPECT_EQ(ramp.legend.back().text, "0.5");
    EXPECT_EQ(ramp.of_objects[1], ramp.legend.front().color);
    EXPECT_EQ(ramp.of_objects[2], ramp.legend[2].color);
    const LayerColors classes =
        color_layer(layer_with({std::int64_t{3}, std::int64_t{7}, std::int64_t{7}}), 0);
    EXPECT_EQ(classes.legend.size(), 2u);
    EXPECT_EQ(classes.legend[0].text, "7");
}

TEST(LayerLabels, LieOnTheirObjectsLargerOnesFirstAndNullsAreLeftOut) {
    output::ReadLayer layer = layer_with({text("small"), text("large"), FieldValue()});
    const std::vector<MultiPolygon> objects{{{{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, {}}},
                                            {{{{20, 20}, {80, 20}, {80, 80}, {20, 80}}, {}}},
                                            {{{{0, 50}, {9, 50}, {9, 59}}, {}}}};
    const auto labels = labels_of(layer, 0, objects);
    ASSERT_EQ(labels.size(), 2u);
    EXPECT_EQ(labels[0].text, "large");
    EXPECT_NEAR(labels[0].at.x, 50, 2);
    EXPECT_NEAR(labels[1].at.y, 5, 1);
    EXPECT_THROW(field_named(layer, "other", "a.gpkg", "--label"), Error);
}

}  // namespace
}  // namespace landseam::pipeline
