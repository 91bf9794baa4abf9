// Run-length masks: sets of pixels whose cost follows their outline, not their area.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "landseam/core/image.h"
#include "landseam/core/pixel_box.h"

namespace landseam {

// The pixels [x_begin, x_end) of row y.
struct Run {
    std::int32_t y = 0;
    std::int32_t x_begin = 0;
    std::int32_t x_end = 0;

    friend bool operator==(const Run& a, const Run& b) {
        return a.y == b.y && a.x_begin == b.x_begin && a.x_end == b.x_end;
    }
};

// COCO's run-length encoding: counts run column by column (down, then right) and alternate between zeros and ones,
// zeros first. Source: pycocotools; segment_anything/utils/amg.py, mask_to_rle_pytorch.
struct CocoRle {
    int height = 0;
    int width = 0;
    std::vector<std::uint32_t> counts;
};

// A set of pixels as rows of runs. Runs are sorted by row, then column, never empty, and never touch or overlap within
// a row, so equal sets have equal runs. The frame (tile or scene pixels) is the caller's; coordinates may be negative.
class RunMask {
public:
    RunMask() = default;

    // Takes runs in any order, empty and overlapping ones too, and brings them into the form above.
    static RunMask from_runs(std::vector<Run> runs);
    // Takes runs that already have the form above (checked by assertion only).
    static RunMask from_sorted_runs(std::vector<Run> runs);
    // Pixels of a one-channel image that are not zero.
    static RunMask from_image(const ImageU8& image);
    static RunMask from_box(const PixelBox& box);
    // Throws Error if the counts do not add up to height × width, or the mask has more than `most_runs` runs (a few counts
    // can stand for very many). Time and memory follow the numbers of counts and runs, and the height.
    static RunMask from_coco(const CocoRle& rle, std::size_t most_runs = std::numeric_limits<std::size_t>::max());

    const std::vector<Run>& runs() const { return runs_; }
    bool empty() const { return runs_.empty(); }
    std::int64_t area() const;
    PixelBox bounds() const;
    bool contains(std::int64_t x, std::int64_t y) const;

    RunMask shifted(std::int64_t dx, std::int64_t dy) const;
    RunMask clipped(const PixelBox& box) const;

    // 1 inside the mask, 0 elsewhere, for the pixels of `frame`.
    ImageU8 to_image(const PixelBox& frame) const;
    // The mask must lie in the frame [0, width) × [0, height).
    CocoRle to_coco(int width, int height) const;

    friend bool operator==(const RunMask& a, const RunMask& b) { return a.runs_ == b.runs_; }
    friend bool operator!=(const RunMask& a, const RunMask& b) { return !(a == b); }

private:
    std::vector<Run> runs_;
};

RunMask set_union(const RunMask& a, const RunMask& b);
// The union of many masks in one pass.
RunMask set_union(const std::vector<const RunMask*>& masks);
RunMask set_intersection(const RunMask& a, const RunMask& b);
RunMask set_difference(const RunMask& a, const RunMask& b);
// Pixels in both, without building the intersection.
std::int64_t intersection_area(const RunMask& a, const RunMask& b);
// Intersection over union; 0 if both are empty.
double intersection_over_union(const RunMask& a, const RunMask& b);

}  // namespace landseam
