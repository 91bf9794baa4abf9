// Comparing tensors in tests.
#pragma once

#include "landseam/core/image.h"

#include "support/npy.h"

#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace landseam::sam::test {

inline at::Tensor read_npy_tensor(const std::string& path) {
    landseam::test::NpyArray array = landseam::test::read_npy_f32(path);
    return at::from_blob(array.values.data(), array.shape, at::kFloat).clone();
}

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

// Same shape, and no value further away than `tolerance`.
inline ::testing::AssertionResult close_to(const at::Tensor& actual, const at::Tensor& expected,
                                           double tolerance) {
    if (actual.sizes() != expected.sizes())
        return ::testing::AssertionFailure() << "shape " << actual.sizes() << " where " << expected.sizes();
    const double difference = largest_difference(actual, expected);
    if (difference <= tolerance) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "differs by " << difference;
}

}  // namespace landseam::sam::test
