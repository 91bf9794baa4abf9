// A scene and a model made ready for each other.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/mask_generation/automatic_mask_generator.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/pipeline/segment_scene.h"
#include "landseam/tiling/tile_pyramid.h"

#include "pipeline/memory_budget.h"

namespace landseam::pipeline {

struct PreparedRun {
    SegmentOptions options;
    LoadedModel model;
    ScenePicture picture;
    tiling::TilePyramid tiles;
    MultiPolygon area;
    mask_generation::AutomaticMaskGenerator generator;
    TileSchedule schedule;
};

// What the user left open is filled in from the model, so that the settings file tells what was used.
SegmentOptions completed_options(SegmentOptions options, const LoadedModel& model);

// Opens scene and model, and fills in what the options leave open. Throws Error.
PreparedRun prepare_run(const SegmentOptions& requested, Progress& progress);

}  // namespace landseam::pipeline
