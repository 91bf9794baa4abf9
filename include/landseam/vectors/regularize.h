// Building outlines squared up.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/core/polygon.h"

#include <string>
#include <vector>

namespace landseam::vectors {

// Lengths are in units of the polygons, metres as a rule.
struct RegularizeOptions {
    double resolution = 0.3;  // how ragged outlines are: the pixel's side, where they come from a raster
    double detail = 1.2;      // shorter edges are smoothed away
    double max_shift = 2;     // how far an outline may move (Hausdorff distance)
    double min_iou = 0.88;    // how alike the old and the new polygon must be
    bool diagonals = true;    // edges at 45° besides right angles
    bool circles = true;      // tanks and silos
    // Directions of buildings at most this far apart that differ by less than `align_angle` become one.
    double align_distance = 25;
    double align_angle = 2;  // degrees

    // For outlines of pixels of this side: details count from four of them on, and six may be moved by.
    void suit_pixels(double side);

    // Throws Error of kind usage.
    void validate() const;
};

struct RegularBuilding {
    MultiPolygon geometry;  // the given one, where `status` begins with "kept"
    // Direction of the longer side in degrees, 0 to 180, from the x axis towards the y axis. Of circles 0.
    double main_angle = 0;
    double iou = 1;      // of the new polygon with the given one
    std::string status;  // "rectangular", "diagonal" (with edges at 45°), "circle", or why it was not squared
                         // up: "simplified: " or, unchanged, "kept: " and the reason
};

// Squares up outlines. Buildings that share walls (edges of one lie on edges of the other) are one group, of
// 60 at most: its outer outline is squared up as a whole, walls between them become straight lines of its
// directions, and each wall stays exactly shared. A group takes its direction from all its edges together,
// and from neighbours that have nearly the same. Of outlines at several levels of detail the one is taken
// that leaves least ground differently covered, where a vertex costs detail²/4. Holes are kept, but for
// specks: pieces and holes smaller than detail² are dropped. A building that would move too far is kept as it
// was, with all of its group, so that no gap opens; it is simplified then, walls that are shared once for
// both, by 1.5 times `resolution`, or by less down to a quarter of it where 0.95 (IoU) would not be left.
// Buildings that overlap without sharing a wall are squared up each for itself. Geometries must be valid.
std::vector<RegularBuilding> regularize(const std::vector<MultiPolygon>& buildings,
                                        const RegularizeOptions& options = {},
                                        const ParallelFor& parallel_for = serial_for);

}  // namespace landseam::vectors
