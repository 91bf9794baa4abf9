// Outlines of objects that lie side by side: what two of them share is drawn once.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/core/run_mask.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace landseam::vectors {

// The pixels [x_begin, x_end) of a row and the object they belong to. Runs of a row are sorted and do not
// overlap; between them is no object.
struct LabelRun {
    std::int32_t x_begin = 0;
    std::int32_t x_end = 0;
    std::int64_t object = 0;

    friend bool operator==(const LabelRun& a, const LabelRun& b) {
        return a.x_begin == b.x_begin && a.x_end == b.x_end && a.object == b.object;
    }
};

// The corners of a label map: the grid points at which boundaries between objects (or objects and what is
// none) turn or meet. Point (x, y) is the upper left corner of pixel (x, y).
class CornerIndex {
public:
    enum Edge : std::uint8_t { right = 1, down = 2, left = 4, up = 8 };
    struct Corner {
        std::int32_t x = 0;
        std::uint8_t edges = 0;  // those that boundaries run along from here

        // Where three boundaries or more meet, or two objects and something else touch in a point.
        bool is_node() const { return edges != 3 && edges != 6 && edges != 12 && edges != 9; }
    };
    using Line = std::vector<Corner>;

    // Of the line above row `y`, between rows y − 1 and y. Lines come in order, each once; a line without
    // runs on both sides may be left out.
    void add_line(std::int32_t y, const std::vector<LabelRun>& above, const std::vector<LabelRun>& below);
    // Lines above `y` are no longer needed.
    void forget_above(std::int32_t y);

    bool empty() const { return lines_.empty(); }
    // Sorted; empty where none was added.
    const Line& line(std::int32_t y) const;

private:
    std::int32_t first_ = 0;  // y of lines_[0]
    std::deque<Line> lines_;
};

// The corners of one mask alone, and of masks that do not overlap.
CornerIndex corners_of(const RunMask& mask);
CornerIndex corners_of(const std::vector<const RunMask*>& masks);

struct OutlineOptions {
    // Vertices are dropped so that no outline moves by more than this, in pixels; 0: none.
    double simplify = 0;
    // Then corners are rounded, over this many pixels to either side at most; 0: none.
    double smooth = 0;

    bool exact() const { return simplify == 0 && smooth == 0; }
    // Throws Error of kind usage.
    void validate() const;
};

struct Outline {
    MultiPolygon polygons;
    double deviation = 0;  // pixels: no vertex of the exact outline is farther from this one, nor the reverse
};

// The outline of one object of a label map, whose corners from the mask's first to its last line, and
// ⌈simplify⌉ + 1 lines beyond, are in `corners`. Boundaries end where three meet. Each is simplified and
// smoothed alone, by what it is and which corners of the map lie about it, and so alike for both its sides:
// polygons neither overlap nor leave a gap, share their vertices, and are valid; no boundary touches itself
// or another one where it did not, so objects, holes and gaps stay as many as they were. Any number of
// threads may trace objects of one index.
//
// A vertex goes if the triangle it makes with its neighbours holds no other corner, smallest triangles first
// (Visvalingam and Whyatt 1993; the check as in GEOS's CoverageSimplifier, but against the corners of the
// exact map, which makes boundaries independent of one another), and if what was dropped stays within the
// tolerance. A corner whose triangle is empty is rounded by a quadratic Bézier curve inside of it.
Outline trace_outline(const RunMask& mask, const CornerIndex& corners, const OutlineOptions& options);

}  // namespace landseam::vectors
