// Random numbers that depend on nothing but where they are used: a step's are the same whatever came before
// it, on whichever thread, so that an interrupted run goes on as it would have.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace landseam::sam::training {

// SplitMix64 (Steele, Lea, Flood 2014).
class Dice {
public:
    explicit Dice(std::uint64_t seed, std::uint64_t step = 0, std::uint64_t item = 0) : state_(seed) {
        state_ = next() ^ step;
        state_ = next() ^ item;
    }

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15ull;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ z >> 27) * 0x94d049bb133111ebull;
        return z ^ z >> 31;
    }
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // in [0, 1)
    double between(double low, double high) { return low + (high - low) * unit(); }
    double between_evenly_in_log(double low, double high) {
        return low * std::exp(std::log(high / low) * unit());
    }
    // In [0, n); n > 0.
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
    bool chance(double probability) { return unit() < probability; }
    // Standard normal, by Box and Muller.
    double normal() {
        const double radius = std::sqrt(-2 * std::log(1 - unit()));
        return radius * std::cos(6.283185307179586 * unit());
    }

private:
    std::uint64_t state_;
};

}  // namespace landseam::sam::training
