// A scene and what is known of the objects on it, packed into one file that `landseam train` learns from.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/raster/raster_source.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

enum class LabelKind {
    automatic,  // classes where the path ends as rasters do (.tif, .png, .vrt …), else polygons
    polygons,   // a vector layer in any CRS: every feature an object
    classes,    // a raster of classes, numbers or colours: connected pixels of one class are an object
    instances,  // a raster of object numbers, or a colour an object
};

// One way of cutting the scene into objects; becomes one level of the sample.
struct LabelSource {
    std::string path;
    LabelKind kind = LabelKind::automatic;
    std::string class_field;  // of polygons: what `ignore` speaks of
    std::vector<std::string>
        ignore;  // classes, numbers or colours ("#9B9B9B") of ground whose objects are unknown
    // Whether ground without a label (outside all polygons; 0 or black in a raster) is known to hold no
    // object; otherwise nothing is known of it.
    bool complete = true;
    // Of class rasters: components that fill less of their convex hull are unknown: street networks, ground
    // left between other things. 0 keeps all.
    double min_solidity = 0;
    std::string name;  // of the level; empty: the file's name without its extension

    LabelKind resolved_kind() const;
    std::string level_name() const;
};

struct PackOptions {
    std::string scene;
    raster::OpenOptions open;
    PictureOptions picture;
    std::vector<LabelSource> labels;
    std::vector<double> region_scales;  // a level each, of segments::region_hierarchy; empty: none
    std::string area_of_interest;       // as in SegmentOptions; only what it bounds is packed
    std::string output;                 // .safetensors
    bool overwrite = false;

    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
};

struct PackedLevel {
    std::string name;
    std::int64_t objects = 0;
    std::int64_t object_pixels = 0;
    std::int64_t unknown_pixels = 0;  // of the valid ones
};

struct PackReport {
    std::int64_t width = 0, height = 0;  // pixels
    std::int64_t valid_pixels = 0;
    double gsd_m = 0;                 // 0: unknown
    std::string picture;              // description of the channels
    std::vector<PackedLevel> levels;  // labels first, then regions
};

// Reads the scene as segment_scene does, places every label source on its pixels, and writes a sam::Sample. A
// pixel belongs to a polygon if its centre does; where polygons overlap, the smaller one wins. Components of
// classes of fewer than 16 pixels, what `ignore` names, invalid pixels and unclear regions are unknown.
// Levels without any object are left out, with a warning.
//
// Throws Error; then there is no output. Besides what reading scene and labels may throw: an output that
// exists (unless `overwrite`), a scene without a valid pixel or object, more than 400 million pixels, with
// region scales more than 100 million.
PackReport pack_samples(const PackOptions& options, Progress& progress);

}  // namespace landseam::pipeline
