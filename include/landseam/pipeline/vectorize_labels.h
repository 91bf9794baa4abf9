// Label rasters turned into polygons.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/vectors/coverage.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct VectorizeOptions {
    std::string labels;  // raster of whole numbers of up to 32 bits; its first band counts
    std::string output;  // format by extension
    bool overwrite = false;
    std::string layer_name = "polygons";

    bool instances = false;  // all pixels of a value are one object; else each connected region is
    bool diagonal = false;   // pixels that touch at a corner are connected, too
    // Values that are no object, "0" or "0,255"; "none": all are objects. Empty: 0, unless the raster says by
    // nodata or a mask what has no label.
    std::string background;

    std::string table;      // attributes of the values, see output::read_table; empty: none
    std::string key_field;  // of the table: the value; empty: its first field

    vectors::OutlineOptions outlines;
    std::string target_crs;          // of the layer, see output::LayerOptions; empty: the raster's
    std::string style_field;         // see output::LayerOptions; empty: the name of the value, or the value
    std::string min_area, max_area;  // see parse_area
    int threads = 0;                 // 0: one a core

    std::vector<std::string> dataset_creation_options;  // KEY=VALUE
    std::vector<std::string> layer_creation_options;

    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
};

struct VectorizeReport {
    std::int64_t objects = 0;    // written
    std::int64_t too_small = 0;  // left out
    std::int64_t too_large = 0;
    double deviation = 0;  // pixels by which simplification and smoothing moved outlines at most
};

// The raster is read in strips, twice for instances, and objects are written when they are complete: memory
// follows the objects that a row cuts, and with simplification the corners of the rows that they reach. The
// layer depends neither on strips nor on threads. Throws Error; then no output has appeared.
VectorizeReport vectorize_labels(const VectorizeOptions& options, Progress& progress);

}  // namespace landseam::pipeline
