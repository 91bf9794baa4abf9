// Compares landseam with the reference on a model too large to commit:
//
//     scripts/make_reference.py full-size --upstream DIR --picture FILE.ppm FOLDER
//     compare_with_reference FOLDER FILE.ppm
//
// Prints the largest absolute difference of the embedding and of every prompt's logits, beside the largest
// value.
#include "landseam/sam/predictor.h"

#include "sam/tensor_matchers.h"
#include "support/json.h"
#include "support/ppm.h"

#include <chrono>
#include <cstdio>
#include <exception>

#include <ATen/ATen.h>

namespace {

using landseam::sam::BoxPrompt;
using landseam::sam::PointPrompts;
using landseam::sam::SamPredictor;
using landseam::test::Json;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void report(const std::string& name, const at::Tensor& ours, const std::string& folder) {
    const at::Tensor reference = landseam::sam::test::read_npy_tensor(folder + "/" + name + ".npy");
    std::printf("%-36s differs by %.3g, largest value %.4g\n", name.c_str(),
                landseam::sam::test::largest_difference(ours, reference),
                reference.abs().max().item<double>());
}

void compare(const std::string& folder, const std::string& picture) {
    SamPredictor predictor(
        landseam::sam::load_sam(landseam::sam::CheckpointFile::open(folder + "/weights.pth")));
    std::printf("%s\n", landseam::sam::model_info(predictor.model()).summary().c_str());
    auto start = std::chrono::steady_clock::now();
    predictor.set_image(landseam::test::read_ppm(picture));
    std::printf("encoded in %.2f s\n", seconds_since(start));
    report("image_embedding", predictor.image_embedding()[0], folder);

    const Json expected = landseam::test::parse_json_file(folder + "/predictor.json");
    PointPrompts points;
    for (std::size_t i = 0; i < expected["points"].size(); ++i) {
        points.coords.push_back({expected["points"][i][0].number(), expected["points"][i][1].number()});
        points.labels.push_back(expected["labels"][i].integer());
    }
    const PointPrompts first{{points.coords[0]}, {points.labels[0]}};
    const Json& corners = expected["box"];
    const BoxPrompt box{corners[0].number(), corners[1].number(), corners[2].number(), corners[3].number()};
    for (const bool multi : {true, false}) {
        const std::string suffix = multi ? "_multi_low_res_logits" : "_single_low_res_logits";
        report("one_point" + suffix, predictor.predict(first, {}, {}, multi).low_res_logits[0], folder);
        report("two_points" + suffix, predictor.predict(points, {}, {}, multi).low_res_logits[0], folder);
        report("box" + suffix, predictor.predict({}, box, {}, multi).low_res_logits[0], folder);
        report("box_and_point" + suffix, predictor.predict(first, box, {}, multi).low_res_logits[0], folder);
    }
    const at::Tensor mask = predictor.predict(first).low_res_logits[0][0];
    report("mask_prompt_single_low_res_logits", predictor.predict(first, {}, mask, false).low_res_logits[0],
           folder);

    start = std::chrono::steady_clock::now();
    const std::vector<landseam::Point> many(16, points.coords[0]);
    const SamPredictor::Prediction together = predictor.predict_points(many);
    std::printf("%zu points decoded in %.2f s\n", many.size(), seconds_since(start));
    report("one_point_multi_low_res_logits", together.low_res_logits[15], folder);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "compare_with_reference FOLDER PICTURE.ppm\n");
        return 2;
    }
    try {
        compare(argv[1], argv[2]);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
