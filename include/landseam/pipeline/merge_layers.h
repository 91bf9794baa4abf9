// The layers of many scenes as one.
#pragma once

#include "landseam/core/progress.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct SceneLayer {
    std::string path;           // of a layer that segment_scene wrote
    std::string scene;          // what the field `scene` says; unique
    std::string date;           // what the field `date` says, "2023-06-17"; empty: not known
    std::int64_t segments = 0;  // expected in it
};

struct MergeLayersOptions {
    std::vector<SceneLayer> layers;
    std::string output;  // by extension, or a table of PostGIS as "PG:…"
    bool overwrite = false;
    std::string layer_name = "segments";
    std::string
        target_crs;  // anything GDAL understands; empty: the layers' own where they share one, else EPSG:4326
    // Objects that scenes of one date show where they overlap are resolved as vectors::resolve_repeated says,
    // with this share. 0: all are kept.
    double same_iou = 0.5;
    std::vector<std::string> dataset_creation_options;
    std::vector<std::string> layer_creation_options;

    void validate() const;
};

struct MergeLayersReport {
    std::int64_t segments = 0;  // written
    std::int64_t dropped =
        0;  // left out, since another scene shows them better or they went into a joined outline
    std::int64_t joined = 0;  // outlines made of pieces from several scenes
    std::string crs_wkt;
};

// Writes the segments of all layers into one, scene after scene in the order given (scenes of one date that
// overlap follow one another), with `id` counted anew and three more fields: `scene`, `date`, and `scenes`,
// how many scenes show the object. Fields that only some layers have are null elsewhere. Of joined objects
// area_m2 and perimeter_m are measured again, and touches_edge stays. Only layers whose scenes of one date
// overlap are in memory together.
//
// A table of PostGIS gets the rows of each scene in a transaction of their own, in place of those the scene
// has there; processes may do so at the same time. There each scene's rows are numbered by themselves.
//
// The same layers give the same features. Throws Error: a layer that cannot be read or holds another number
// of segments than told.
MergeLayersReport merge_layers(const MergeLayersOptions& options, Progress& progress);

}  // namespace landseam::pipeline
