// Vectors as wide as the instruction set this file is compiled for, and the functions the kernels share. Only
// files that are compiled once for each instruction set include it, and those include nothing of the standard
// library that has code in it: the linker keeps one copy of such a function, and it might be one that this
// processor cannot run.
#pragma once

#include <cstddef>
#include <cstdint>

#ifndef LANDSEAM_ISA
#error "vec.h is for the files that are compiled once for each instruction set"
#endif

namespace landseam::sam::cpu::LANDSEAM_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

using Vec = float __attribute__((vector_size(kLanes * sizeof(float))));
using IntVec = std::int32_t __attribute__((vector_size(kLanes * sizeof(float))));

inline Vec load(const float* from) {
    Vec v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

inline void store(float* to, Vec v) {
    __builtin_memcpy(to, &v, sizeof v);
}

inline Vec splat(float x) {
    return x - Vec{};
}

// The first `count` (1 … kLanes) values, and `fill` in the other lanes.
inline Vec load_some(const float* from, int count, float fill) {
    Vec v = splat(fill);
    for (int i = 0; i < count; ++i) v[i] = from[i];
    return v;
}

inline void store_some(float* to, Vec v, int count) {
    for (int i = 0; i < count; ++i) to[i] = v[i];
}

inline Vec max(Vec a, Vec b) {
    return a > b ? a : b;
}

inline Vec min(Vec a, Vec b) {
    return a < b ? a : b;
}

inline float sum(Vec v) {
    float total = 0;
    for (int i = 0; i < kLanes; ++i) total += v[i];
    return total;
}

inline float largest(Vec v) {
    float value = v[0];
    for (int i = 1; i < kLanes; ++i) value = value > v[i] ? value : v[i];
    return value;
}

// eˣ within 2 units of the last place for x ≤ 88; 0 below −87.
inline Vec exp(Vec x) {
    // x = n · ln 2 + r: n by adding and taking away 1.5 · 2²³, which rounds; ln 2 in two parts keeps r exact.
    const Vec limited = min(max(x, splat(-87.3F)), splat(88.0F));
    const Vec rounder = splat(12582912.0F);
    const Vec shifted = limited * 1.44269504F + rounder;
    const Vec n = shifted - rounder;
    const Vec r = limited - n * 0.693359375F + n * 2.12194440e-4F;
    // Taylor's polynomial with its last coefficients bent to fit |r| ≤ ln 2 / 2.
    Vec p = splat(1.9875691e-4F);
    p = p * r + 1.3981999e-3F;
    p = p * r + 8.3334519e-3F;
    p = p * r + 4.1665796e-2F;
    p = p * r + 1.6666666e-1F;
    p = p * r + 0.5F;
    p = p * (r * r) + r + 1.0F;
    const IntVec power = (reinterpret_cast<const IntVec&>(shifted) + 127) << 23;
    const Vec result = p * reinterpret_cast<const Vec&>(power);
    return x < -87.3F ? splat(0) : result;
}

// x · Φ(x), the GELU that SAM uses. Φ − ½ is odd and taken as x · P(x²) / Q(x²), fitted to it for |x| ≤ 5.3, behind
// which it is ½ in fp32; with rounding it is within 2.5e-7.
inline Vec gelu(Vec x) {
    const Vec limited = min(max(x, splat(-5.3F)), splat(5.3F));
    const Vec s = limited * limited;
    Vec p = splat(1.21100217e-10F);
    p = p * s - 2.25208098e-8F;
    p = p * s + 3.0376566e-6F;
    p = p * s + 1.48140618e-4F;
    p = p * s + 4.36471966e-3F;
    p = p * s + 3.36940457e-2F;
    p = p * s + 0.398942199F;
    Vec q = splat(5.52685559e-5F);
    q = q * s + 1.69989764e-3F;
    q = q * s + 2.77973972e-2F;
    q = q * s + 0.251123727F;
    q = q * s + 1.0F;
    return x * (min(max(limited * p / q, splat(-0.5F)), splat(0.5F)) + 0.5F);
}

}  // namespace landseam::sam::cpu::LANDSEAM_ISA
