// The generator against masks that the reference implementation made (mask_generation.json).
#include "landseam/mask_generation/automatic_mask_generator.h"

#include "mask_generation/parity_model.h"
#include "support/json.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::mask_generation {
namespace {

using test::Json;

MaskGeneratorOptions options_from(const Json& parameters) {
    MaskGeneratorOptions options;
    for (const auto& [name, value] : parameters.object()) {
        if (name == "points_per_side")
            options.points_per_side = value.integer();
        else if (name == "points_per_batch")
            options.points_per_batch = value.integer();
        else if (name == "pred_iou_thresh")
            options.pred_iou_thresh = value.number();
        else if (name == "stability_score_thresh")
            options.stability_score_thresh = value.number();
        else if (name == "box_nms_thresh")
            options.box_nms_thresh = value.number();
        else if (name == "crop_n_layers")
            options.crop_n_layers = value.integer();
        else if (name == "crop_nms_thresh")
            options.crop_nms_thresh = value.number();
        else if (name == "crop_n_points_downscale_factor")
            options.crop_n_points_downscale_factor = value.integer();
        else if (name == "min_mask_region_area")
            options.min_mask_region_area = value.integer();
        else
            ADD_FAILURE() << "the reference was run with " << name << ", which this test does not know";
    }
    return options;
}

RunMask mask_from(const Json& rle) {
    CocoRle coco{rle["size"][0].integer(), rle["size"][1].integer(), {}};
    for (const Json& count : rle["counts"].array())
        coco.counts.push_back(static_cast<std::uint32_t>(count.number()));
    return RunMask::from_coco(coco);
}

void expect_box(const PixelBox& box, const Json& expected, double tolerance) {
    EXPECT_NEAR(static_cast<double>(box.x), expected[0].number(), tolerance);
    EXPECT_NEAR(static_cast<double>(box.y), expected[1].number(), tolerance);
    EXPECT_NEAR(static_cast<double>(box.width), expected[2].number(), tolerance);
    EXPECT_NEAR(static_cast<double>(box.height), expected[3].number(), tolerance);
}

void expect_same_record(const TileMask& mask, const Json& expected) {
    EXPECT_GE(intersection_over_union(mask.segmentation, mask_from(expected["rle"])), 0.99);
    EXPECT_NEAR(mask.predicted_iou, expected["predicted_iou"].number(), 1e-3);
    EXPECT_NEAR(mask.stability_score, expected["stability_score"].number(), 1e-3);
    EXPECT_NEAR(static_cast<double>(mask.area), expected["area"].number(), 0.01 * expected["area"].number());
    EXPECT_NEAR(mask.point_coords.x, expected["point"][0].number(), 1e-6);
    EXPECT_NEAR(mask.point_coords.y, expected["point"][1].number(), 1e-6);
    expect_box(mask.bbox, expected["bbox"], 1);
    expect_box(mask.crop_box, expected["crop_box"], 0);
}

class MaskGenerationParity : public testing::TestWithParam<std::string> {
protected:
    // Records come in the same order, so the one-to-one match is that of equal places.
    void expect_parity(const std::string& run) {
        const Json expected = test::parse_json_file(parity_file(GetParam(), "mask_generation.json"))[run];
        const AutomaticMaskGenerator generator(load_parity_model(GetParam()),
                                               options_from(expected["parameters"]));
        const std::vector<TileMask> masks = generator.generate(parity_picture(GetParam()));
        ASSERT_EQ(masks.size(), expected["masks"].size());
        ASSERT_GT(masks.size(), 0u);
        for (std::size_t i = 0; i < masks.size(); ++i) {
            SCOPED_TRACE("mask " + std::to_string(i));
            expect_same_record(masks[i], expected["masks"][i]);
        }
    }
};

TEST_P(MaskGenerationParity, OfThePlainRunMatchesTheReference) {
    expect_parity("plain");
}
TEST_P(MaskGenerationParity, OfTheRunWithCropsMatchesTheReference) {
    expect_parity("crops");
}
TEST_P(MaskGenerationParity, OfTheRunWithSmallRegionsMatchesTheReference) {
    expect_parity("small_regions");
}

INSTANTIATE_TEST_SUITE_P(Models, MaskGenerationParity,
                         testing::Values("vit", "tiny_vit", "tiny_vit_without_biases"),
                         [](const auto& model) { return model.param; });

}  // namespace
}  // namespace landseam::mask_generation
