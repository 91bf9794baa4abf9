// Sets of pixels or regions that grow together.
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace landseam::segments {

// Tarjan 1975, with path halving; of two sets the larger one's root stays.
class DisjointSets {
public:
    explicit DisjointSets(std::size_t count) : parent_(count), size_(count, 1) {
        std::iota(parent_.begin(), parent_.end(), 0u);
    }

    std::uint32_t root(std::uint32_t i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    std::uint32_t size(std::uint32_t root) const { return size_[root]; }
    // Both must be roots, and different ones. Returns the one that stays.
    std::uint32_t unite(std::uint32_t a, std::uint32_t b) {
        if (size_[a] < size_[b]) std::swap(a, b);
        parent_[b] = a;
        size_[a] += size_[b];
        return a;
    }

private:
    std::vector<std::uint32_t> parent_;
    std::vector<std::uint32_t> size_;
};

}  // namespace landseam::segments
