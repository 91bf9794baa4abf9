// Random numbers that are the same with every compiler and standard library.
#pragma once

#include <cstdint>
#include <vector>

namespace landseam::scene_maker {

// The finalizer of splitmix64: a good 64-bit hash of a 64-bit number. Source: Steele, Lea, Flood, "Fast
// splittable pseudorandom number generators", OOPSLA 2014.
inline std::uint64_t mixed(std::uint64_t z) {
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// [0, 1) from the upper 53 bits.
inline double unit_interval(std::uint64_t bits) {
    return static_cast<double>(bits >> 11) * 0x1p-53;
}

// The splitmix64 generator. Mind C++'s unspecified order of evaluation: never draw twice in one argument
// list.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(mixed(seed)) {}

    std::uint64_t next() {
        const std::uint64_t z = mixed(state_);
        state_ += 0x9e3779b97f4a7c15u;
        return z;
    }
    double uniform(double low, double high) { return low + (high - low) * unit_interval(next()); }
    bool chance(double probability) { return unit_interval(next()) < probability; }
    // A whole number in [0, count); count is positive.
    int below(int count) { return static_cast<int>(next() % static_cast<std::uint64_t>(count)); }
    template <typename T>
    const T& pick(const std::vector<T>& choices) {
        return choices[static_cast<std::size_t>(below(static_cast<int>(choices.size())))];
    }

private:
    std::uint64_t state_;
};

}  // namespace landseam::scene_maker
