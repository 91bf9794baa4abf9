#include "sam/cpu/matmul.h"

#include <array>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <dnnl.hpp>
#include <omp.h>

namespace landseam::sam::cpu {

namespace {

const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

constexpr auto kFp32 = dnnl::memory::data_type::f32;

dnnl::memory::desc matrix(int rows, int columns, int row_stride, int column_stride,
                          dnnl::memory::data_type type = kFp32) {
    return {{rows, columns}, type, {row_stride, column_stride}};
}

// oneDNN 3 took descriptions of operations and the factor of activations out.
#if DNNL_VERSION_MAJOR >= 3
void append_activation(dnnl::post_ops& after, dnnl::algorithm activation) {
    after.append_eltwise(activation, 0, 0);
}

dnnl::matmul::primitive_desc product_of(const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                        const dnnl::memory::desc& bias, const dnnl::memory::desc& c,
                                        const dnnl::primitive_attr& attributes) {
    return {engine(), a, b, bias, c, attributes};
}
#else
void append_activation(dnnl::post_ops& after, dnnl::algorithm activation) {
    after.append_eltwise(1, activation, 0, 0);
}

dnnl::matmul::primitive_desc product_of(const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                        const dnnl::memory::desc& bias, const dnnl::memory::desc& c,
                                        const dnnl::primitive_attr& attributes) {
    return {dnnl::matmul::desc(a, b, bias, c), attributes, engine()};
}
#endif

dnnl::matmul::primitive_desc describe(const MatMulShape& s) {
    dnnl::post_ops after;
    if (s.activation == Activation::relu) append_activation(after, dnnl::algorithm::eltwise_relu);
    if (s.activation == Activation::gelu) append_activation(after, dnnl::algorithm::eltwise_gelu_erf);
    if (s.accumulate) after.append_sum(1);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(after);
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto type = s.bf16 ? dnnl::memory::data_type::bf16 : kFp32;
    const auto a = s.a_transposed ? matrix(s.m, s.k, 1, s.lda, type) : matrix(s.m, s.k, s.lda, 1, type);
    const auto c = matrix(s.m, s.n, s.ldc, 1);
    const auto b = s.b_transposed ? matrix(s.k, s.n, 1, s.ldb, type) : matrix(s.k, s.n, s.ldb, 1, type);
    return s.bias ? product_of(a, b, matrix(1, s.n, s.n, 1), c, attributes)
                  : product_of(a, b, {}, c, attributes);
}

// Working memory of whatever product runs on this thread.
void* scratch_memory(std::size_t bytes) {
    thread_local std::vector<std::uint64_t> memory;
    if (memory.size() * sizeof(std::uint64_t) < bytes + 64) memory.resize(bytes / sizeof(std::uint64_t) + 9);
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    return reinterpret_cast<void*>((address + 63) / 64 * 64);
}

auto key(const MatMulShape& s) {
    return std::make_tuple(s.m, s.n, s.k, s.lda, s.ldb, s.ldc, s.b_transposed, s.a_transposed, s.bias,
                           s.accumulate, s.activation, s.bf16);
}

}  // namespace

bool operator<(const MatMulShape& a, const MatMulShape& b) {
    return key(a) < key(b);
}

struct MatMul::Primitive {
    explicit Primitive(const MatMulShape& shape)
        : description(describe(shape)),
          product(description),
          scratch_bytes(description.scratchpad_desc().get_size()) {}
    dnnl::matmul::primitive_desc description;
    dnnl::matmul product;
    std::size_t scratch_bytes;
};

namespace {

// What a thread hands to a product, made once: to make it costs as much as a small product does.
struct Arguments {
    explicit Arguments(const dnnl::matmul::primitive_desc& made)
        : a(made.src_desc(), engine(), nullptr),
          b(made.weights_desc(), engine(), nullptr),
          c(made.dst_desc(), engine(), nullptr),
          bias(made.bias_desc(), engine(), nullptr),
          scratch(made.scratchpad_desc(), engine(), nullptr) {}
    dnnl::memory a, b, c, bias, scratch;
};

void point(dnnl::memory& memory, const void* where) {
    dnnl_memory_set_data_handle(memory.get(), const_cast<void*>(where));
}

}  // namespace

MatMul::MatMul(const MatMulShape& shape) {
    const OneThread alone;  // the number of threads is fixed when a primitive is made
    primitive_ = std::make_unique<Primitive>(shape);
}

MatMul::~MatMul() = default;

void MatMul::compute(const void* a, const void* b, float* c, const float* bias) const {
    const OneThread alone;
    thread_local dnnl::stream stream(engine());
    thread_local std::unordered_map<const Primitive*, Arguments> known;
    Arguments& with = known.try_emplace(primitive_.get(), primitive_->description).first->second;
    point(with.a, a);
    point(with.b, b);
    point(with.c, c);
    std::array<dnnl_exec_arg_t, 5> arguments{
        {{DNNL_ARG_SRC, with.a.get()}, {DNNL_ARG_WEIGHTS, with.b.get()}, {DNNL_ARG_DST, with.c.get()}}};
    int count = 3;
    if (bias) {
        point(with.bias, bias);
        arguments[count++] = {DNNL_ARG_BIAS, with.bias.get()};
    }
    if (primitive_->scratch_bytes > 0) {
        point(with.scratch, scratch_memory(primitive_->scratch_bytes));
        arguments[count++] = {DNNL_ARG_SCRATCHPAD, with.scratch.get()};
    }
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive_->product.get(), stream.get(), count, arguments.data()),
        "a matrix product failed");
}

const MatMul& matmul(const MatMulShape& shape) {
    static std::shared_mutex mutex;
    static std::map<MatMulShape, std::unique_ptr<const MatMul>> made;
    {
        const std::shared_lock<std::shared_mutex> lock(mutex);
        if (const auto found = made.find(shape); found != made.end()) return *found->second;
    }
    const std::unique_lock<std::shared_mutex> lock(mutex);
    auto& slot = made[shape];
    if (!slot) slot.reset(new MatMul(shape));
    return *slot;
}

void linear(const float* x, int rows, int in, const float* weight, const float* bias, int out, float* y,
            Activation activation) {
    MatMulShape shape{rows, out, in, in, in, out};
    shape.b_transposed = true;
    shape.bias = bias != nullptr;
    shape.activation = activation;
    matmul(shape)(x, weight, y, bias);
}

OneThread::OneThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
}

OneThread::~OneThread() {
    if (before_ != 1) omp_set_num_threads(before_);
}

}  // namespace landseam::sam::cpu
