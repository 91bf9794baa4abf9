// Times landseam's stages on one picture. `compare_reference` runs it beside the reference; by itself:
//
//     time_landseam CHECKPOINT PICTURE.ppm [--threads 2] [--points-per-side 32] [--pred-iou-thresh 0.88]
//                   [--stability-score-thresh 0.95] [--box-nms-thresh 0.7] [--measure encode,masks,tile,peak]
//                   [--rounds 3] [--masks OUT.json] [--image-size 0] [--on-request]
//
// encode  the picture's embedding
// masks   everything after it, for an embedding that is known already
// tile    both together, as a user runs it
// peak    fp32 matrix products, what the machine could do
//
// Prints one JSON object a line: first "ready" with what is known of the model, then one a measurement. With
// --on-request, measurements are read from standard input instead, one name a line, and "write PATH" writes
// the masks of the last tile. Loading and a warm-up run are in no time.
#include "landseam/mask_generation/automatic_mask_generator.h"
#include "landseam/sam/embedding_cache.h"
#include "landseam/sam/predictor.h"

#include "nominal_work.h"
#include "process_memory.h"
#include "sam/cpu/kernels.h"
#include "sam/cpu/matmul.h"
#include "support/ppm.h"
#include "support/temporary_folder.h"

#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

namespace {

using landseam::ImageU8;
using landseam::ParallelFor;
using landseam::TileMask;
using landseam::mask_generation::AutomaticMaskGenerator;
using landseam::mask_generation::MaskGeneratorOptions;
using landseam::sam::Sam;

struct Settings {
    std::string checkpoint;
    std::string picture;
    int threads = 2;
    int rounds = 3;
    std::string measure = "encode,masks,tile,peak";
    std::string masks;   // file to write the last tile's masks to; empty: none
    int image_size = 0;  // of a TinyViT's picture where it is not 1024
    bool on_request = false;
    MaskGeneratorOptions generator;
};

Settings settings_from(const std::vector<std::string>& arguments) {
    Settings settings;
    const std::map<std::string, std::function<void(const std::string&)>> options{
        {"--threads", [&](const std::string& text) { settings.threads = std::stoi(text); }},
        {"--rounds", [&](const std::string& text) { settings.rounds = std::stoi(text); }},
        {"--measure", [&](const std::string& text) { settings.measure = text; }},
        {"--masks", [&](const std::string& text) { settings.masks = text; }},
        {"--image-size", [&](const std::string& text) { settings.image_size = std::stoi(text); }},
        {"--points-per-side",
         [&](const std::string& text) { settings.generator.points_per_side = std::stoi(text); }},
        {"--pred-iou-thresh",
         [&](const std::string& text) { settings.generator.pred_iou_thresh = std::stod(text); }},
        {"--stability-score-thresh",
         [&](const std::string& text) { settings.generator.stability_score_thresh = std::stod(text); }},
        {"--box-nms-thresh",
         [&](const std::string& text) { settings.generator.box_nms_thresh = std::stod(text); }}};
    std::vector<std::string> files;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto option = options.find(arguments[i]);
        if (arguments[i] == "--on-request")
            settings.on_request = true;
        else if (option != options.end() && i + 1 < arguments.size())
            option->second(arguments[++i]);
        else
            files.push_back(arguments[i]);
    }
    if (files.size() != 2 || files[0].rfind("--", 0) == 0 || files[1].rfind("--", 0) == 0)
        throw std::invalid_argument(
            "time_landseam CHECKPOINT PICTURE.ppm [options]: see the head of its source");
    settings.checkpoint = files[0];
    settings.picture = files[1];
    return settings;
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

ParallelFor parallel_for() {
    return [](std::size_t count, const std::function<void(std::size_t)>& body) {
        tbb::parallel_for(std::size_t{0}, count, body, tbb::simple_partitioner());
    };
}

// GFLOP/s of a plain m × k by k × n product, the best of some tries of about 50 ms, on each of `threads`
// threads at once, taken together.
double product_speed(int m, int n, int k, int threads) {
    const landseam::sam::cpu::MatMul& product = landseam::sam::cpu::matmul({m, n, k, k, n, n});
    const double flop = 2.0 * m * n * k;
    const int repeats = static_cast<int>(1e10 / flop) + 1;
    const auto size = [](int rows, int columns) { return static_cast<std::size_t>(rows) * columns; };
    double best = 0;
    for (int attempt = 0; attempt < 10; ++attempt) {
        const double seconds = seconds_of([&] {
            parallel_for()(static_cast<std::size_t>(threads), [&](std::size_t) {
                thread_local std::vector<float> a, b, c;
                a.resize(size(m, k), 0.5F);
                b.resize(size(k, n), 0.25F);
                c.resize(size(m, n));
                for (int i = 0; i < repeats; ++i) product(a.data(), b.data(), c.data());
            });
        });
        best = std::max(best, threads * repeats * flop / seconds / 1e9);
    }
    return best;
}

void write_masks(const std::string& path, const std::vector<TileMask>& masks, const ImageU8& picture) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    if (!file) throw std::runtime_error(path + ": cannot be written");
    std::fprintf(file, "[");
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const TileMask& mask = masks[i];
        std::fprintf(file, "%s\n{\"predicted_iou\":%.9g,\"stability_score\":%.9g,\"point\":[%.9g,%.9g],",
                     i ? "," : "", mask.predicted_iou, mask.stability_score, mask.point_coords.x,
                     mask.point_coords.y);
        std::fprintf(file, "\"size\":[%d,%d],\"counts\":", picture.height, picture.width);
        char separator = '[';
        for (const std::uint32_t count : mask.segmentation.to_coco(picture.width, picture.height).counts) {
            std::fprintf(file, "%c%u", separator, count);
            separator = ',';
        }
        std::fprintf(file, "]}");
    }
    std::fprintf(file, "]\n");
    if (std::fclose(file) != 0) throw std::runtime_error(path + ": could not be written whole");
}

class Timing {
public:
    explicit Timing(const Settings& settings)
        : settings_(settings),
          picture_(landseam::test::read_ppm(settings.picture)),
          model_(landseam::sam::load_sam(landseam::sam::CheckpointFile::open(settings.checkpoint), "cpu",
                                         settings.image_size)),
          generator_(model_, settings.generator),
          known_(embeddings_ / "embeddings", landseam::sam::fingerprint(*model_)) {
        report_ready();
        warm_up();
    }

    void measure(const std::string& name) {
        if (name == "encode")
            report(name, [&] { encode(); });
        else if (name == "masks")
            report(name, [&] { masks_ = generator_.generate(picture_, nullptr, parallel_for(), &known_); });
        else if (name == "tile")
            report(name, [&] { masks_ = generator_.generate(picture_, nullptr, parallel_for()); });
        else if (name == "peak")
            report_peak();
        else
            throw std::invalid_argument(name + ": measured are encode, masks, tile and peak");
    }

    void write_last_masks(const std::string& path) const { write_masks(path, masks_, picture_); }

private:
    void encode() const {
        landseam::sam::SamPredictor predictor(model_);
        predictor.set_image(picture_, parallel_for());
    }

    // Makes the embedding known, and everything that is made at first use.
    void warm_up() {
        encode();
        MaskGeneratorOptions few = settings_.generator;
        few.points_per_side = std::min(8, few.points_per_side);
        AutomaticMaskGenerator(model_, few).generate(picture_, nullptr, parallel_for(), &known_);
    }

    void report_ready() const {
        const landseam::sam::ModelInfo& info = landseam::sam::model_info(*model_);
        std::printf("{\"what\":\"ready\",\"model\":\"%s\",\"instruction_set\":\"%s\",\"threads\":%d,",
                    info.summary().c_str(), landseam::sam::cpu::kernels().instruction_set, settings_.threads);
        std::printf("\"weights_bytes\":%lld,\"encoder_flop\":%.6g,\"decoder_flop_per_prompt\":%.6g,",
                    static_cast<long long>(4 * info.parameters), landseam::benchmarks::encoder_flop(info),
                    landseam::benchmarks::decoder_flop_per_prompt(info));
        std::printf("\"peak_memory\":%lld}\n", static_cast<long long>(landseam::benchmarks::peak_memory()));
        std::fflush(stdout);
    }

    void report(const std::string& name, const std::function<void()>& work) {
        landseam::benchmarks::forget_peak_memory();
        const double seconds = seconds_of(work);
        std::printf("{\"what\":\"%s\",\"seconds\":%.6g,\"peak_memory\":%lld,\"masks\":%zu}\n", name.c_str(),
                    seconds, static_cast<long long>(landseam::benchmarks::peak_memory()), masks_.size());
        std::fflush(stdout);
    }

    // One product of all three sides alike, and one of the shape of a ViT-B's linear layers on a few tokens.
    void report_peak() const {
        std::printf(
            "{\"what\":\"peak\",\"square_gflops\":%.4g,\"flat_gflops\":%.4g,\"all_threads_gflops\":%.4g}\n",
            product_speed(1024, 1024, 1024, 1), product_speed(256, 768, 768, 1),
            product_speed(1024, 1024, 1024, settings_.threads));
        std::fflush(stdout);
    }

    Settings settings_;
    ImageU8 picture_;
    std::shared_ptr<const Sam> model_;
    AutomaticMaskGenerator generator_;
    landseam::test::TemporaryFolder embeddings_;
    landseam::sam::EmbeddingCache known_;
    std::vector<TileMask> masks_;
};

void follow_requests(Timing& timing) {
    for (std::string line; std::getline(std::cin, line);) {
        if (line.rfind("write ", 0) != 0) {
            timing.measure(line);
            continue;
        }
        timing.write_last_masks(line.substr(6));
        std::printf("{\"what\":\"write\"}\n");
        std::fflush(stdout);
    }
}

void run(const Settings& settings) {
    landseam::sam::use_one_thread_per_call();
    const tbb::global_control threads(tbb::global_control::max_allowed_parallelism,
                                      static_cast<std::size_t>(settings.threads));
    Timing timing(settings);
    if (settings.on_request) return follow_requests(timing);
    for (int round = 0; round < settings.rounds; ++round)
        for (const std::string& name : split(settings.measure, ',')) timing.measure(name);
    if (!settings.masks.empty()) timing.write_last_masks(settings.masks);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(settings_from({argv + 1, argv + argc}));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
