#include "mask_generation/small_regions.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace landseam::mask_generation {
namespace {

// The 8-connected regions of a mask, by union-find over its runs.
class Regions {
public:
    explicit Regions(const std::vector<Run>& runs) : parent_(runs.size()), area_(runs.size(), 0) {
        std::iota(parent_.begin(), parent_.end(), std::size_t{0});
        join_neighbouring_rows(runs);
        for (std::size_t i = 0; i < runs.size(); ++i) area_[root(i)] += runs[i].x_end - runs[i].x_begin;
    }

    // The first run, in reading order, of the region that a run belongs to.
    std::size_t root(std::size_t run) {
        while (parent_[run] != run) run = parent_[run] = parent_[parent_[run]];
        return run;
    }
    std::int64_t area_of_region(std::size_t run) { return area_[root(run)]; }
    // The areas of all regions, each at its first run; 0 elsewhere.
    const std::vector<std::int64_t>& areas() const { return area_; }

private:
    void join(std::size_t a, std::size_t b) {
        a = root(a), b = root(b);
        parent_[std::max(a, b)] = std::min(a, b);
    }

    void join_neighbouring_rows(const std::vector<Run>& runs) {
        // `above` trails behind i: it never needs to go back, since both rows are sorted by column.
        for (std::size_t i = 0, above = 0; i < runs.size(); ++i) {
            const auto ends_before = [&](const Run& run) {
                return run.y < runs[i].y - 1 || (run.y == runs[i].y - 1 && run.x_end < runs[i].x_begin);
            };
            while (ends_before(runs[above])) ++above;
            for (std::size_t j = above; runs[j].y == runs[i].y - 1 && runs[j].x_begin <= runs[i].x_end; ++j)
                join(i, j);
        }
    }

    std::vector<std::size_t> parent_;
    std::vector<std::int64_t> area_;
};

// The runs for which keep(index) holds.
template <typename Keep>
RunMask selected(const std::vector<Run>& runs, Keep keep) {
    std::vector<Run> chosen;
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (keep(i)) chosen.push_back(runs[i]);
    return RunMask::from_sorted_runs(std::move(chosen));
}

}  // namespace

RegionRepair fill_small_holes(const RunMask& mask, const PixelBox& frame, std::int64_t min_area) {
    const RunMask outside = set_difference(RunMask::from_box(frame), mask);
    Regions regions(outside.runs());
    const RunMask holes =
        selected(outside.runs(), [&](std::size_t i) { return regions.area_of_region(i) < min_area; });
    if (holes.empty()) return {mask, false};
    return {set_union(mask, holes), true};
}

RegionRepair remove_small_islands(const RunMask& mask, std::int64_t min_area) {
    Regions regions(mask.runs());
    const std::vector<std::int64_t>& areas = regions.areas();
    if (std::none_of(areas.begin(), areas.end(), [&](std::int64_t a) { return a > 0 && a < min_area; }))
        return {mask, false};
    const auto largest = std::max_element(areas.begin(), areas.end());
    const std::size_t largest_root = static_cast<std::size_t>(largest - areas.begin());
    if (*largest < min_area)
        return {selected(mask.runs(), [&](std::size_t i) { return regions.root(i) == largest_root; }), true};
    return {selected(mask.runs(), [&](std::size_t i) { return regions.area_of_region(i) >= min_area; }),
            true};
}

RegionRepair repair_small_regions(const RunMask& mask, const PixelBox& frame, std::int64_t min_area,
                                  const RunMask* valid) {
    RegionRepair holes = fill_small_holes(mask, frame, min_area);
    if (valid && holes.changed) {
        holes.mask = set_intersection(holes.mask, *valid);
        holes.changed = holes.mask != mask;
    }
    RegionRepair islands = remove_small_islands(holes.mask, min_area);
    islands.changed = islands.changed || holes.changed;
    return islands;
}

}  // namespace landseam::mask_generation
