#include "landseam/mask_generation/automatic_mask_generator.h"

#include "landseam/core/error.h"

#include "mask_generation/parity_model.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>

namespace landseam::mask_generation {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

// Few points and low thresholds: the small model is not sure of itself.
MaskGeneratorOptions few_points() {
    MaskGeneratorOptions options;
    options.points_per_side = 5;
    options.points_per_batch = 4;
    options.pred_iou_thresh = 0.2;
    options.stability_score_thresh = 0.3;
    return options;
}

class MaskGenerator : public testing::Test {
protected:
    static void SetUpTestSuite() { model = load_parity_model("vit"); }
    static void TearDownTestSuite() { model = nullptr; }

    static std::vector<TileMask> generate(const MaskGeneratorOptions& options, const ImageU8* valid = nullptr,
                                          const ParallelFor& parallel_for = serial_for) {
        return AutomaticMaskGenerator(model, options).generate(parity_picture("vit"), valid, parallel_for);
    }

    static std::shared_ptr<const sam::Sam> model;
};
std::shared_ptr<const sam::Sam> MaskGenerator::model;

void expect_equal(const std::vector<TileMask>& a, const std::vector<TileMask>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].segmentation, b[i].segmentation);
        EXPECT_EQ(a[i].area, b[i].area);
        EXPECT_EQ(a[i].bbox, b[i].bbox);
        EXPECT_EQ(a[i].predicted_iou, b[i].predicted_iou);
        EXPECT_EQ(a[i].stability_score, b[i].stability_score);
        EXPECT_EQ(a[i].point_coords, b[i].point_coords);
        EXPECT_EQ(a[i].crop_box, b[i].crop_box);
    }
}

void backwards(std::size_t count, const std::function<void(std::size_t)>& body) {
    while (count > 0) body(--count);
}

TEST_F(MaskGenerator, GivesRecordsThatAgreeWithTheirMasksAndPassTheFilters) {
    const MaskGeneratorOptions options = few_points();
    const ImageU8 picture = parity_picture("vit");
    const std::vector<TileMask> masks = generate(options);
    ASSERT_THAT(masks, Not(IsEmpty()));
    double last_iou = 1e9;
    for (const TileMask& mask : masks) {
        const PixelBox bounds = mask.segmentation.bounds();
        EXPECT_EQ(mask.area, mask.segmentation.area());
        EXPECT_EQ(mask.bbox, (PixelBox{bounds.x, bounds.y, bounds.width - 1, bounds.height - 1}));
        EXPECT_GT(mask.predicted_iou, options.pred_iou_thresh);
        EXPECT_GE(mask.stability_score, options.stability_score_thresh);
        EXPECT_EQ(mask.crop_box, (PixelBox{0, 0, picture.width, picture.height}));
        EXPECT_LE(mask.predicted_iou, last_iou);
        last_iou = mask.predicted_iou;
    }
}

TEST_F(MaskGenerator, GivesTheSameInWhateverOrderBatchesRun) {
    const std::vector<TileMask> masks = generate(few_points());
    ASSERT_THAT(masks, Not(IsEmpty()));
    expect_equal(generate(few_points(), nullptr, backwards), masks);
}

TEST_F(MaskGenerator, GivesTheSameOnSeveralThreadsAtOnce) {
    MaskGeneratorOptions options = few_points();
    options.crop_n_layers = 1;
    const AutomaticMaskGenerator generator(model, options);
    const ImageU8 picture = parity_picture("vit");
    const ParallelFor one_thread_a_batch = [](std::size_t count,
                                              const std::function<void(std::size_t)>& body) {
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
        for (std::thread& thread : threads) thread.join();
    };
    std::vector<TileMask> first, second;
    std::thread other([&] { first = generator.generate(picture); });
    second = generator.generate(picture, nullptr, one_thread_a_batch);
    other.join();
    ASSERT_THAT(first, Not(IsEmpty()));
    expect_equal(first, second);
}

TEST_F(MaskGenerator, PassesOnWhatABatchThrows) {
    const ParallelFor failing = [](std::size_t, const std::function<void(std::size_t)>&) {
        throw std::runtime_error("a batch failed");
    };
    EXPECT_THROW(generate(few_points(), nullptr, failing), std::runtime_error);
}

TEST_F(MaskGenerator, FindsTheSameNumberOfMasksWithAnyBatchSize) {
    MaskGeneratorOptions one_by_one = few_points(), all_at_once = few_points();
    one_by_one.points_per_batch = 1;
    all_at_once.points_per_batch = 1000;
    const std::vector<TileMask> a = generate(one_by_one), b = generate(all_at_once);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        EXPECT_GT(intersection_over_union(a[i].segmentation, b[i].segmentation), 0.99);
}

TEST_F(MaskGenerator, PromptsAndMasksStayOnValidPixels) {
    const ImageU8 picture = parity_picture("vit");
    ImageU8 valid(picture.width, picture.height, 1, 0);
    for (int y = 0; y < valid.height; ++y)
        for (int x = 0; x < valid.width / 2; ++x) valid.at(x, y) = x % 9 != 0 || y % 9 != 0;
    const RunMask valid_pixels = RunMask::from_image(valid);
    for (const int min_area : {0, 200}) {  // the repair of small holes must not fill those without data
        MaskGeneratorOptions options = few_points();
        options.crop_n_layers = 1;
        options.min_mask_region_area = min_area;
        const std::vector<TileMask> masks = generate(options, &valid);
        ASSERT_THAT(masks, Not(IsEmpty()));
        for (const TileMask& mask : masks) {
            EXPECT_TRUE(set_difference(mask.segmentation, valid_pixels).empty());
            EXPECT_TRUE(
                valid.at(static_cast<int>(mask.point_coords.x), static_cast<int>(mask.point_coords.y)));
        }
    }
}

TEST_F(MaskGenerator, GivesTheSameWhereAllPixelsAreValid) {
    const ImageU8 picture = parity_picture("vit");
    const ImageU8 valid(picture.width, picture.height, 1, 255);
    expect_equal(generate(few_points(), &valid), generate(few_points()));
}

TEST_F(MaskGenerator, FindsNothingWhereNoPixelIsValid) {
    const ImageU8 picture = parity_picture("vit");
    const ImageU8 valid(picture.width, picture.height, 1, 0);
    EXPECT_THAT(generate(few_points(), &valid), IsEmpty());
}

TEST_F(MaskGenerator, MayFindNothingWithCropsAndSmallRegions) {
    MaskGeneratorOptions options = few_points();
    options.points_per_side = 2;
    options.pred_iou_thresh = 1;
    options.stability_score_thresh = 1;
    options.crop_n_layers = 1;
    options.min_mask_region_area = 50;
    EXPECT_THAT(generate(options), IsEmpty());
}

TEST_F(MaskGenerator, GivesNoEmptyMaskWithFiltersOff) {
    MaskGeneratorOptions options = few_points();
    options.points_per_side = 3;
    options.pred_iou_thresh = 0;
    options.stability_score_thresh = 0;
    options.box_nms_thresh = 1;
    const std::vector<TileMask> masks = generate(options);
    EXPECT_GT(masks.size(), generate(few_points()).size() / 4);
    for (const TileMask& mask : masks) EXPECT_FALSE(mask.segmentation.empty());
}

TEST_F(MaskGenerator, TakesPicturesOfOnePixelAndOfOneRow) {
    MaskGeneratorOptions options = few_points();
    options.pred_iou_thresh = 0;
    options.stability_score_thresh = 0;
    options.crop_n_layers = 2;
    options.min_mask_region_area = 3;
    const AutomaticMaskGenerator generator(model, options);
    for (const PixelBox frame : {PixelBox{0, 0, 1, 1}, PixelBox{0, 0, 70, 1}}) {
        const ImageU8 picture(static_cast<int>(frame.width), static_cast<int>(frame.height), 3, 90);
        for (const TileMask& mask : generator.generate(picture))
            EXPECT_TRUE(frame.contains(mask.segmentation.bounds()));
    }
}

TEST_F(MaskGenerator, UsesAGridOfOnesOwn) {
    MaskGeneratorOptions options = few_points();
    options.point_grids = {{{0.5, 0.25}}};
    options.pred_iou_thresh = 0;
    options.stability_score_thresh = 0;
    const ImageU8 picture = parity_picture("vit");
    const std::vector<TileMask> masks = generate(options);
    ASSERT_THAT(masks, Not(IsEmpty()));
    for (const TileMask& mask : masks)
        EXPECT_EQ(mask.point_coords, (Point{0.5 * picture.width, 0.25 * picture.height}));
}

TEST_F(MaskGenerator, FromCoarseToFinePromptsTheCoarsePointsAndThoseOutsideTheirMasks) {
    MaskGeneratorOptions options = few_points();
    options.points_per_side = 12;
    options.pred_iou_thresh = 0;
    options.box_nms_thresh = 1;  // every prompt that makes a mask shows
    const ImageU8 picture = parity_picture("vit");
    const std::vector<TileMask> all = generate(options);
    options.approximate_coarse_to_fine = 2;
    const std::vector<TileMask> masks = generate(options);
    EXPECT_LT(masks.size(), all.size());
    const auto is_coarse = [&](const TileMask& mask) {
        const auto odd = [](double fraction) { return static_cast<int>(fraction * 12) % 2 == 1; };
        return odd(mask.point_coords.x / picture.width) && odd(mask.point_coords.y / picture.height);
    };
    RunMask done;
    for (const TileMask& mask : masks)
        if (is_coarse(mask) && mask.stability_score >= 0.65) done = set_union(done, mask.segmentation);
    ASSERT_FALSE(done.empty());
    std::size_t coarse = 0, others = 0;
    for (const TileMask& mask : masks) {
        (is_coarse(mask) ? coarse : others) += 1;
        if (is_coarse(mask)) continue;
        const Point& at = mask.point_coords;
        EXPECT_FALSE(done.contains(static_cast<int>(at.x), static_cast<int>(at.y)));
    }
    EXPECT_EQ(coarse, static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_coarse)));
    EXPECT_GT(others, 0u);
}

TEST_F(MaskGenerator, FromCoarseToFineGivesTheSameInWhateverOrderBatchesRun) {
    MaskGeneratorOptions options = few_points();
    options.approximate_coarse_to_fine = 2;
    const std::vector<TileMask> masks = generate(options);
    ASSERT_THAT(masks, Not(IsEmpty()));
    expect_equal(generate(options, nullptr, backwards), masks);
}

TEST_F(MaskGenerator, RefusesPicturesItCannotUse) {
    const AutomaticMaskGenerator generator(model, few_points());
    EXPECT_THROW(generator.generate(ImageU8()), Error);
    EXPECT_THROW(generator.generate(ImageU8(8, 8, 1)), Error);
    const ImageU8 picture(8, 8, 3), smaller(7, 8, 1, 1), three_channels(8, 8, 3, 1);
    EXPECT_THROW(generator.generate(picture, &smaller), Error);
    EXPECT_THROW(generator.generate(picture, &three_channels), Error);
}

}  // namespace
}  // namespace landseam::mask_generation
