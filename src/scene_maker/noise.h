// Smooth random functions of the plane.
#pragma once

#include "scene_maker/random.h"

#include <cmath>
#include <cstdint>

namespace landseam::scene_maker {

// The largest whole number that is not above x; without the call that std::floor is on plain x86-64.
inline std::int64_t floor_of(double x) {
    const auto whole = static_cast<std::int64_t>(x);
    return whole - (x < static_cast<double>(whole) ? 1 : 0);
}

// A random number in [0, 1) for every lattice point.
inline double lattice_value(std::int64_t ix, std::int64_t iy, std::uint64_t seed) {
    const std::uint64_t key = static_cast<std::uint64_t>(ix) * 0x9e3779b97f4a7c15u ^
                              static_cast<std::uint64_t>(iy) * 0xc2b2ae3d27d4eb4fu ^ seed;
    return unit_interval(mixed(key));
}

// Value noise: lattice values in [-1, 1), interpolated smoothly. One lattice step is one unit.
inline double value_noise(double x, double y, std::uint64_t seed) {
    const std::int64_t ix = floor_of(x), iy = floor_of(y);
    double u = x - static_cast<double>(ix), v = y - static_cast<double>(iy);
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    const double top = lattice_value(ix, iy, seed) * (1 - u) + lattice_value(ix + 1, iy, seed) * u;
    const double bottom = lattice_value(ix, iy + 1, seed) * (1 - u) + lattice_value(ix + 1, iy + 1, seed) * u;
    return 2 * (top * (1 - v) + bottom * v) - 1;
}

// Octaves of value noise, each half as high and half as wide as the one before; within (-1, 1).
inline double layered_noise(double x, double y, int octaves, std::uint64_t seed) {
    double sum = 0, weight = 1, total = 0;
    for (int i = 0; i < octaves; ++i) {
        sum += weight * value_noise(x, y, seed + static_cast<std::uint64_t>(i));
        total += weight;
        // An irrational offset keeps the lattices of the octaves apart.
        x = 2 * x + 17.31;
        y = 2 * y - 9.73;
        weight *= 0.5;
    }
    return sum / total;
}

// The nearest of one point per lattice square: how far it is, and a random number of its own in [0, 1).
struct NearestPoint {
    double distance = 0;
    double value = 0;
};

// Source: Worley, "A cellular texture basis function", SIGGRAPH 1996.
inline NearestPoint nearest_point(double x, double y, std::uint64_t seed) {
    const std::int64_t ix = floor_of(x), iy = floor_of(y);
    NearestPoint best{1e9, 0};
    for (std::int64_t cy = iy - 1; cy <= iy + 1; ++cy) {
        for (std::int64_t cx = ix - 1; cx <= ix + 1; ++cx) {
            const double dx = static_cast<double>(cx) + lattice_value(cx, cy, seed) - x;
            const double dy = static_cast<double>(cy) + lattice_value(cx, cy, seed + 1) - y;
            const double distance = dx * dx + dy * dy;
            if (distance < best.distance) best = {distance, lattice_value(cx, cy, seed + 2)};
        }
    }
    best.distance = std::sqrt(best.distance);
    return best;
}

}  // namespace landseam::scene_maker
