// Options that every command that looks at a scene's pixels has.
#pragma once

#include <CLI/CLI.hpp>

#include "landseam/pipeline/scene_picture.h"
#include "landseam/raster/raster_source.h"

namespace landseam::apps {

// Adds --preset, --bands, --percentiles, --range, --gamma, --stretch-from, --gsd and -oo.
void add_picture_options(CLI::App& command, pipeline::PictureOptions& picture, raster::OpenOptions& open);

}  // namespace landseam::apps
