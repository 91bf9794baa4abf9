// Matrix products on the calling thread, through oneDNN, which is fast on every processor whatever BLAS is
// installed.
#pragma once

#include <cstdint>
#include <memory>

namespace landseam::sam::cpu {

enum class Activation { none, relu, gelu };

// C[m × n] = f(A[m × k] · B[k × n] + bias[n] (+ C)), row-major fp32, rows `lda`, `ldb`, `ldc` values apart.
struct MatMulShape {
    int m = 0, n = 0, k = 0;
    int lda = 0, ldb = 0, ldc = 0;
    bool b_transposed = false;  // B is stored as [n × k], as the weights of linear layers are; ldb apart
    bool a_transposed = false;  // A is stored as [k × m], as a gradient's inputs are; lda apart
    bool bias = false;          // one value a column
    bool accumulate = false;    // adds to what C holds, after f
    Activation activation = Activation::none;
    bool bf16 = false;  // A and B hold bf16 values; C and the bias are fp32, and so are the sums

    friend bool operator<(const MatMulShape& a, const MatMulShape& b);
};

// One shape of product, ready to be computed any number of times, on any threads.
class MatMul {
public:
    ~MatMul();
    MatMul(const MatMul&) = delete;
    MatMul& operator=(const MatMul&) = delete;

    void operator()(const float* a, const float* b, float* c, const float* bias = nullptr) const {
        compute(a, b, c, bias);
    }
    void operator()(const std::uint16_t* a, const std::uint16_t* b, float* c,
                    const float* bias = nullptr) const {
        compute(a, b, c, bias);
    }

private:
    void compute(const void* a, const void* b, float* c, const float* bias) const;
    friend const MatMul& matmul(const MatMulShape& shape);
    explicit MatMul(const MatMulShape& shape);

    struct Primitive;
    std::unique_ptr<const Primitive> primitive_;
};

// The product of this shape, made at first use and kept for good; calls from several threads are safe.
const MatMul& matmul(const MatMulShape& shape);

// y[rows × out] = f(x[rows × in] · weightᵀ + bias), all dense; bias may be null.
void linear(const float* x, int rows, int in, const float* weight, const float* bias, int out, float* y,
            Activation activation = Activation::none);

// While one lives, OpenMP (and so oneDNN) computes on the calling thread alone. Parallel work is shared out
// above this level.
class OneThread {
public:
    OneThread();
    ~OneThread();
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

private:
    int before_;
};

}  // namespace landseam::sam::cpu
