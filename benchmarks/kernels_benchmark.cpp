// Speed of the inner loops, one thread each. Run as any Google Benchmark: --benchmark_filter=matmul, ...
#include "landseam/sam/resize.h"

#include "mask_generation/mask_scanner.h"
#include "mask_generation/plain_scan.h"
#include "sam/cpu/kernels.h"
#include "sam/cpu/matmul.h"

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using landseam::mask_generation::MaskScanner;
using landseam::mask_generation::UpscalePlan;
using landseam::sam::cpu::DecoderKernels;
using landseam::sam::cpu::Kernels;
using landseam::sam::cpu::MatMulShape;

std::vector<float> wavy(std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(0.37F * static_cast<float>(i));
    return values;
}

std::size_t area(int rows, int columns) {
    return static_cast<std::size_t>(rows) * columns;
}

// ---- Matrix products ----

void multiply(benchmark::State& state, const MatMulShape& shape) {
    const std::vector<float> a = wavy(area(shape.m, shape.k)), b = wavy(area(shape.n, shape.k));
    const std::vector<float> bias = wavy(static_cast<std::size_t>(shape.n));
    std::vector<float> c(area(shape.m, shape.n));
    const landseam::sam::cpu::MatMul& product = landseam::sam::cpu::matmul(shape);
    for (auto _ : state) {
        product(a.data(), b.data(), c.data(), shape.bias ? bias.data() : nullptr);
        benchmark::ClobberMemory();
    }
    state.counters["FLOP/s"] =
        benchmark::Counter(2.0 * shape.m * shape.n * shape.k, benchmark::Counter::kIsIterationInvariantRate);
}

// x [m × k] · B [k × n]
MatMulShape plain(int m, int n, int k) {
    MatMulShape shape;
    shape.m = m, shape.n = n, shape.k = k;
    shape.lda = k, shape.ldb = n, shape.ldc = n;
    return shape;
}

// A linear layer: its weights lie transposed.
MatMulShape layer(int rows, int in, int out) {
    MatMulShape shape = plain(rows, out, in);
    shape.ldb = in;
    shape.b_transposed = shape.bias = true;
    return shape;
}

void register_products() {
    const struct {
        const char* name;
        MatMulShape shape;
    } products[] = {{"square, 1024", plain(1024, 1024, 1024)},
                    {"flat, 256 x 768 x 768", plain(256, 768, 768)},
                    {"ViT-B qkv, one window", layer(196, 768, 2304)},
                    {"ViT-B qkv, 256 tokens", layer(256, 768, 2304)},
                    {"ViT-B mlp.lin1, 256 tokens", layer(256, 768, 3072)},
                    {"ViT-B mlp.lin2, 256 tokens", layer(256, 3072, 768)},
                    {"ViT-B scores, 64 queries of a global block", plain(64, 4096, 64)},
                    {"ViT-B mixing, 64 queries of a global block", plain(64, 64, 4096)},
                    {"decoder, scores of a head, 8 prompts", plain(56, 128, 16)},
                    {"decoder, scores of 7 tokens and 8 heads", plain(56, 128, 112)},
                    {"decoder, first doubling, 128 pixels", plain(256, 128, 112)},
                    {"decoder, second doubling, 128 pixels", plain(128, 128, 64)}};
    for (const auto& product : products)
        benchmark::RegisterBenchmark((std::string("matmul/") + product.name).c_str(), multiply,
                                     product.shape);
}

// ---- The decoder's kernels on a block of a published model: 256 channels, 128 pixels, 7 tokens, 8 heads
// ----

constexpr int channels = 256, pixels = 128, tokens = 7, heads = 8;

// Working memory of all kernels alike, filled anew so that values stay finite.
struct Block {
    std::vector<float> x = wavy(area(channels, pixels)), y = x, positions = x;
    std::vector<float> scale = std::vector<float>(pixels, 0.5F);
    std::vector<float> weight = wavy(channels), shift = weight, bias = weight;
    std::vector<float> scores = wavy(area(tokens * heads, pixels));
    std::vector<float> largest = wavy(tokens * heads), total = largest, factors = largest;
    std::vector<float> logits = wavy(area(4, pixels));
};

using KernelCall = std::function<void(const DecoderKernels&, Block&)>;

void run_kernel(benchmark::State& state, const DecoderKernels& kernels, const KernelCall& call) {
    Block block;
    for (auto _ : state) {
        call(kernels, block);
        benchmark::ClobberMemory();
    }
}

void register_decoder_kernels() {
    const struct {
        const char* name;
        KernelCall call;
    } calls[] = {
        {"add", [](const DecoderKernels& k,
                   Block& b) { k.add(b.x.data(), b.positions.data(), channels * pixels, b.y.data()); }},
        {"softmax_over_tokens",
         [](const DecoderKernels& k, Block& b) {
             k.softmax_over_tokens(b.scores.data(), b.x.data(), b.scale.data(), b.bias.data(), tokens, heads,
                                   pixels, b.scores.data());
         }},
        {"softmax_block",
         [](const DecoderKernels& k, Block& b) {
             k.softmax_block(b.scores.data(), b.x.data(), b.scale.data(), tokens * heads, pixels, pixels,
                             b.largest.data(), b.total.data(), b.factors.data());
         }},
        {"scale_rows",
         [](const DecoderKernels& k, Block& b) {
             std::fill(b.factors.begin(), b.factors.end(), -1.0F);  // 1 might be skipped
             k.scale_rows(b.x.data(), tokens * heads, pixels, b.factors.data());
         }},
        {"add_dots",
         [](const DecoderKernels& k, Block& b) {
             k.add_dots(b.x.data(), b.y.data(), tokens * heads, pixels, b.logits.data());
         }},
        {"norm_gelu, C / 4",
         [](const DecoderKernels& k, Block& b) {
             k.norm_gelu(b.x.data(), b.y.data(), b.scale.data(), b.bias.data(), b.weight.data(), b.shift.data(), 1e-6F, channels / 4,
                         pixels);
         }},
        {"gelu_dot, C / 8, 3 masks", [](const DecoderKernels& k, Block& b) {
             k.gelu_dot(b.x.data(), b.bias.data(), b.weight.data(), 3, channels / 8, pixels, b.logits.data());
         }}};
    for (const Kernels* set : landseam::sam::cpu::runnable_kernels())
        for (const auto& [name, call] : calls)
            benchmark::RegisterBenchmark(
                (std::string("decoder/") + name + "/" + set->instruction_set).c_str(), run_kernel,
                set->decoder, call);
}

void normalise_rows(benchmark::State& state, const Kernels* set) {
    constexpr int rows = 256, width = 768;
    const std::vector<float> x = wavy(area(rows, width)), weight = wavy(width), shift = wavy(width);
    std::vector<float> y(x.size());
    for (auto _ : state) {
        set->encoder.layer_norm_rows(x.data(), rows, width, weight.data(), shift.data(), 1e-6F, y.data());
        benchmark::ClobberMemory();
    }
}

void register_encoder_kernels() {
    for (const Kernels* set : landseam::sam::cpu::runnable_kernels())
        benchmark::RegisterBenchmark((std::string("encoder/layer_norm_rows/") + set->instruction_set).c_str(),
                                     normalise_rows, set);
}

// ---- From logits to masks ----

constexpr int low_res = 256;

// A disc of this radius in logits that fall off as a mask's do, 1 a logit.
std::vector<float> disc(double radius) {
    std::vector<float> logits;
    for (int y = 0; y < low_res; ++y)
        for (int x = 0; x < low_res; ++x)
            logits.push_back(static_cast<float>(radius - std::hypot(x - low_res / 2, y - low_res / 2)));
    return logits;
}

// A published model's frame, and a picture of this side in it.
UpscalePlan plan_for(int side) {
    return UpscalePlan(low_res, 1024, {1024, 1024}, {side, side});
}

void scan_mask(benchmark::State& state) {
    const UpscalePlan plan = plan_for(static_cast<int>(state.range(0)));
    const std::vector<float> logits = disc(static_cast<double>(state.range(1)));
    MaskScanner scanner(plan, 0, 1);
    for (auto _ : state) {
        scanner.scan(logits.data(), 0, 0);
        benchmark::DoNotOptimize(scanner.stability_score());
    }
}
BENCHMARK(scan_mask)
    ->ArgNames({"side", "radius"})
    ->ArgsProduct({{1024, 1500}, {10, 40, 100}})
    ->Unit(benchmark::kMicrosecond);

// Every pixel computed and looked at: what the tests compare the scanner with.
void scan_mask_plainly(benchmark::State& state) {
    const UpscalePlan plan = plan_for(static_cast<int>(state.range(0)));
    const std::vector<float> logits = disc(40);
    for (auto _ : state)
        benchmark::DoNotOptimize(landseam::mask_generation::plain_scan(logits, plan, 0, 1, 0, 0, nullptr));
}
BENCHMARK(scan_mask_plainly)->ArgName("side")->Arg(1024)->Arg(1500)->Unit(benchmark::kMicrosecond);

void resize_picture(benchmark::State& state) {
    landseam::ImageU8 picture(static_cast<int>(state.range(0)), static_cast<int>(state.range(0)), 3);
    for (std::size_t i = 0; i < picture.values.size(); ++i)
        picture.values[i] = static_cast<std::uint8_t>(i * 7);
    for (auto _ : state) benchmark::DoNotOptimize(landseam::sam::resize_pillow_bilinear(picture, 1024, 1024));
}
BENCHMARK(resize_picture)->ArgName("side")->Arg(512)->Arg(1500)->Arg(2048)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
    register_products();
    register_decoder_kernels();
    register_encoder_kernels();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
