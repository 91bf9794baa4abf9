// Classical segmentation without a model: regions of like colour at several scales, the coarser made of the
// finer.
#pragma once

#include "landseam/core/image.h"

#include <cstdint>
#include <vector>

namespace landseam::segments {

// Which region each pixel belongs to: 1, 2, … in the order in which rows first meet them; 0: none.
using RegionMap = Image<std::int32_t>;

// One map a scale, in the order of `scales` (ascending, in pixels). A scale is the side of the smallest
// square that stays a region of its own where it differs from its surroundings by 20 of 255 grey levels; what
// is twice as clear may have a quarter of the side. Every region is connected by pixel sides, lies on valid
// pixels only and wholly in one region of each coarser map. Pixels where `valid` is 0 have none.
//
// `picture` has any number of channels, `valid` its size; colours differ by the root of their mean square.
// Noise is smoothed first, edges kept (bilateral filter). Then fine regions (Felzenszwalb and Huttenlocher
// 2004, "Efficient graph-based image segmentation") are merged in pairs, first those which the border between
// them parts least for its length: the full lambda schedule of Redding et al. 1999, "An efficient algorithm
// for Mumford-Shah segmentation and its application to SAR imagery", with the edge seen along the border as
// part of the difference in colour.
//
// Throws Error (usage) as check_scales does.
std::vector<RegionMap> region_hierarchy(const ImageU8& picture, const ImageU8& valid,
                                        const std::vector<double>& scales);

// Throws Error (usage) for scales that are not above 0 and ascending.
void check_scales(const std::vector<double>& scales);

// What makes a region worth showing as an object.
struct RegionQuality {
    std::int64_t min_area = 40;     // pixels
    double max_share = 0.4;         // of the picture's pixels
    double min_compactness = 0.25;  // 4π·area / perimeter², 1 for a disc; perimeter as if edges ran smoothly
    double min_solidity = 0.75;     // area / area of the convex hull
    // A stretch of border is clear where the mean colours of both sides differ by this many of 255 grey
    // levels …
    double min_contrast = 12;
    double min_step = 6;  // … and the smoothed picture does by this, from one side to the other
    double min_clear_border =
        0.85;  // share of the border, without that to invalid ground and the picture's edge
};

// Sets the pixels of regions that do not meet `quality` to 0, and those of regions without any neighbour;
// the others keep their numbers. Returns how many are left.
std::int64_t keep_clear_regions(RegionMap& regions, const ImageU8& picture,
                                const RegionQuality& quality = {});

// The same for regions that fill less than `min_solidity` of their convex hull: networks, what is left
// between others.
std::int64_t keep_solid_regions(RegionMap& regions, double min_solidity);

// Connected by their sides: pixels of equal class, as regions. Pixels of classes below 0 and components
// smaller than `min_area` have none.
RegionMap class_components(const Image<std::int32_t>& classes, std::int64_t min_area);

}  // namespace landseam::segments
