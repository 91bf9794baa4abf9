#include "sam/cpu/matmul.h"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <vector>

#include <dnnl.hpp>
#include <omp.h>

namespace landseam::sam::cpu {

namespace {

const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

dnnl::memory::desc matrix(int rows, int columns, int row_stride, int column_stride) {
    return {{rows, columns}, dnnl::memory::data_type::f32, {row_stride, column_stride}};
}

dnnl::matmul::primitive_desc describe(const MatMulShape& s) {
    dnnl::post_ops after;
    if (s.activation == Activation::relu) after.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
    if (s.activation == Activation::gelu) after.append_eltwise(1, dnnl::algorithm::eltwise_gelu_erf, 0, 0);
    if (s.accumulate) after.append_sum(1);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(after);
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto a = matrix(s.m, s.k, s.lda, 1), c = matrix(s.m, s.n, s.ldc, 1);
    const auto b = s.b_transposed ? matrix(s.k, s.n, 1, s.ldb) : matrix(s.k, s.n, s.ldb, 1);
    if (s.bias) return {dnnl::matmul::desc(a, b, matrix(1, s.n, s.n, 1), c), attributes, engine()};
    return {dnnl::matmul::desc(a, b, c), attributes, engine()};
}

// Working memory of whatever product runs on this thread.
void* scratch_memory(std::size_t bytes) {
    thread_local std::vector<std::uint64_t> memory;
    if (memory.size() * sizeof(std::uint64_t) < bytes + 64) memory.resize(bytes / sizeof(std::uint64_t) + 9);
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    return reinterpret_cast<void*>((address + 63) / 64 * 64);
}

auto key(const MatMulShape& s) {
    return std::make_tuple(s.m, s.n, s.k, s.lda, s.ldb, s.ldc, s.b_transposed, s.bias, s.accumulate,
                           s.activation);
}

}  // namespace

bool operator<(const MatMulShape& a, const MatMulShape& b) {
    return key(a) < key(b);
}

struct MatMul::Primitive {
    explicit Primitive(const MatMulShape& shape) : description(describe(shape)), product(description) {}
    dnnl::matmul::primitive_desc description;
    dnnl::matmul product;
};

MatMul::MatMul(const MatMulShape& shape) {
    const OneThread alone;  // the number of threads is fixed when a primitive is made
    primitive_ = std::make_unique<Primitive>(shape);
}

MatMul::~MatMul() = default;

void MatMul::operator()(const float* a, const float* b, float* c, const float* bias) const {
    const OneThread alone;
    thread_local dnnl::stream stream(engine());
    const dnnl::matmul::primitive_desc& made = primitive_->description;
    const auto memory = [](const dnnl::memory::desc& what, const float* where) {
        return dnnl::memory(what, engine(), const_cast<float*>(where));
    };
    std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_SRC, memory(made.src_desc(), a)},
                                                    {DNNL_ARG_WEIGHTS, memory(made.weights_desc(), b)},
                                                    {DNNL_ARG_DST, memory(made.dst_desc(), c)}};
    if (bias) arguments.insert({DNNL_ARG_BIAS, memory(made.bias_desc(), bias)});
    const dnnl::memory::desc scratch = made.scratchpad_desc();
    if (scratch.get_size() > 0)
        arguments.insert(
            {DNNL_ARG_SCRATCHPAD, dnnl::memory(scratch, engine(), scratch_memory(scratch.get_size()))});
    primitive_->product.execute(stream, arguments);
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
    if (!slot) slot = std::make_unique<const MatMul>(shape);
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
