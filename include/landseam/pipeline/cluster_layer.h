// Groups of alike segments in a layer.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/pipeline/measure_layer.h"
#include "landseam/segments/clusters.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct ClusterLayerOptions : MeasureOptions {
    ClusterLayerOptions() { embedding = false; }

    std::string output;  // format by extension
    bool overwrite = false;
    std::string layer_name = "clusters";
    segments::ClusterOptions clusters;
    // Beginnings of the names of features that count: "mean_" takes all means. Empty: mean, deviation and
    // share of bands, indices, darkness and patterns, and the embedding where it is on: what the ground is
    // like, not where it ends.
    std::vector<std::string> features;
    std::string summary;  // CSV: a line a cluster, its segments, area and mean spectrum; empty: none
    std::string plot;     // PNG: scores by number of clusters, and sizes; empty: none

    void validate() const;
};

struct ClusterReport {
    segments::Clusters clusters;
    std::vector<std::int64_t> sizes;    // segments by cluster
    std::int64_t none = 0;              // segments of no cluster
    std::vector<std::string> features;  // that counted
};

// Writes the layer with the fields cluster (from 1, larger ones first; null: of none) and distance (to the
// cluster's middle, in deviations of the features' principal components). Throws Error; then no output has
// appeared.
ClusterReport cluster_layer(const ClusterLayerOptions& options, Progress& progress);

}  // namespace landseam::pipeline
