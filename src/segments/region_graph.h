// Regions and their neighbours, merged pair by pair.
#pragma once

#include "landseam/segments/region_hierarchy.h"

#include "segments/disjoint_sets.h"

#include <cstddef>
#include <queue>
#include <unordered_map>
#include <vector>

namespace landseam::segments {

// Merges neighbours in the order of what it costs: with areas n, mean colours m, the length L of the common
// border and the mean difference e of the pixels along it,
//     cost = n₁·n₂ / (n₁ + n₂) · |m₁ − m₂|·e / L.
// With e = |m₁ − m₂| this is the full lambda schedule.
class RegionGraph {
public:
    RegionGraph(const RegionMap& fine, const ImageU8& picture);

    // Merges until every pair left costs more than `limit`.
    void merge_up_to(double limit);

    // The regions as they are now.
    RegionMap current() const;

private:
    struct Border {
        double length = 0;       // pixel sides
        double differences = 0;  // their sum along it
    };
    struct Region {
        double area = 0;
        std::unordered_map<std::uint32_t, Border> borders;
    };
    struct Pair {
        double cost;
        std::uint32_t a, b;  // a < b
        // The cheapest first; of equals the one with the lowest numbers, so that the order is always the
        // same.
        bool operator<(const Pair& other) const {
            return cost != other.cost ? cost > other.cost : a != other.a ? a > other.a : b > other.b;
        }
    };

    void add_border(std::uint32_t a, std::uint32_t b, double difference);
    double cost(std::uint32_t a, std::uint32_t b, const Border& border) const;
    void push(std::uint32_t a, std::uint32_t b, const Border& border);
    void merge(std::uint32_t a, std::uint32_t b);

    const RegionMap& fine_;
    double* sums(std::uint32_t region) { return sums_.data() + region * channels_; }
    const double* sums(std::uint32_t region) const { return sums_.data() + region * channels_; }

    std::size_t channels_;
    std::vector<Region> regions_;  // by number − 1
    std::vector<double> sums_;     // of each region's values, channel by channel
    mutable DisjointSets sets_;
    std::priority_queue<Pair> queue_;
};

}  // namespace landseam::segments
