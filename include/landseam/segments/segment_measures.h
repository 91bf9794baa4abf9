// What can be said of a segment from the pixels under and around it, and from its outline.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/polygon.h"
#include "landseam/core/run_mask.h"

#include <cstddef>
#include <string>
#include <vector>

namespace landseam::segments {

// (first − second) / (first + second) of two bands' physical values (stored value · scale + offset); 0 where
// the sum is 0. `first` and `second` are positions in MeasurePlan::bands.
struct NormalizedDifference {
    std::string name;
    std::size_t first = 0;
    std::size_t second = 0;
};

struct MeasuredBand {
    std::string name;  // part of the names of its measures
    double scale = 1;
    double offset = 0;
    // Mean and deviation of stored values over the scene: what is dark, and what is much of a difference.
    double scene_mean = 0;
    double scene_deviation = 1;
};

// The same for all windows of a scene.
struct MeasurePlan {
    std::vector<MeasuredBand> bands;  // at least one
    std::vector<NormalizedDifference> indices;
};

// Normalized differences that bands of these common names allow ("red", "nir", "swir16", …; "" where
// unknown): ndvi, ndwi, mndwi, ndbi, and of visible bands ngrdi and nrbdi.
std::vector<NormalizedDifference> indices_of(const std::vector<std::string>& common_names);

// Names of what PictureMeasures::measure gives, in its order. For each band NAME:
//   mean_NAME, std_NAME, p10_NAME, p50_NAME, p90_NAME   stored values of the segment's valid pixels
//   share_NAME       mean_NAME over the sum of all bands' means: colour without brightness (two bands or
//   more) around_NAME      mean_NAME − mean of the surroundings
// for each index mean_INDEX, std_INDEX and around_INDEX; and of the brightness (mean over the bands of the
// deviation from the scene's mean in units of the scene's deviation):
//   dark             share of the segment darker than −1: shadow, water
//   dark_around      the same share of the surroundings
//   dark_side        the largest such share in one of eight directions: a thing that casts a shadow has one
//   dark side edge             mean gradient along the outline, a unit a pixel edge_p25         its lower
//   quartile: low where a part of the outline follows nothing inner_edge       mean gradient inside lbp_0 …
//   lbp_9    shares of the uniform rotation-invariant local binary patterns over eight neighbours
//                    (Ojala, Pietikäinen, Mäenpää 2002)
// Surroundings are the pixels outside of the segment within a quarter of the root of its area, 3 to 16
// pixels.
std::vector<std::string> picture_measure_names(const MeasurePlan& plan);

// A window of a scene made ready to measure segments in. Immutable once made.
class PictureMeasures {
public:
    // How far from a segment pixels count, at most: windows are to reach so much further, where the scene
    // goes on.
    static constexpr int reach = 17;

    // `window` holds the bands of the plan, in its order.
    PictureMeasures(const MeasurePlan& plan, RasterWindow window);

    // Of a segment in the window's pixels; what lies outside of the window is not looked at. NaN for what
    // cannot be told: all of it without a valid pixel, what is around without valid surroundings.
    std::vector<float> measure(const RunMask& mask) const;

private:
    const MeasurePlan& plan_;
    RasterWindow window_;
    std::vector<ImageF> indices_;
    ImageF brightness_;
    ImageF gradient_;   // of the brightness; 0 beside invalid pixels
    ImageU8 patterns_;  // 0 … 9; 255 where a neighbour is not valid
};

// Names of what measure_shape gives: area, perimeter, length and width (of the smallest rectangle around it,
// in any direction), compactness (4π area / perimeter²), rectangularity (area / that rectangle's), solidity
// (area / convex hull), elongation (1 − width / length), direction_sin and direction_cos (of twice the angle
// of the longer side: 0 and 180° are one direction), holes (share of the filled outline).
std::vector<std::string> shape_measure_names();

// `outline` in a frame of equal scale in all directions, metres for preference, the `pixel` side in its unit:
// outlines are smoothed by as much, for those along pixel edges run in steps.
std::vector<float> measure_shape(const MultiPolygon& outline, double pixel);

}  // namespace landseam::segments
