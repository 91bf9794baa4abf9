// How a scene is cut into polygons: what `segment` and `batch plan` have in common.
#pragma once

#include "landseam/pipeline/classify_scene.h"
#include "landseam/pipeline/segment_scene.h"

#include <CLI/CLI.hpp>

namespace landseam::apps {

// Adds everything but scene, area of interest, outputs and how the run goes on.
void add_segment_options(CLI::App& command, pipeline::SegmentOptions& options);

// Adds --classify, which it returns, and what goes with it.
CLI::Option* add_class_options(CLI::App& command, pipeline::ClassifySceneOptions& classes);

}  // namespace landseam::apps
