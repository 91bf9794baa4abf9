// What `landseam info` tells, as text for people.
#pragma once

#include <string>

#include "landseam/core/progress.h"
#include "landseam/raster/raster_source.h"

namespace landseam::pipeline {

// Size, bands, georeference, the preset that fits, how the default model would tile it, and warnings.
std::string describe_scene(const std::string& path, const raster::OpenOptions& options);
// Architecture and sizes of a checkpoint.
std::string describe_checkpoint_file(const std::string& checkpoint, Progress& progress);
// The checkpoints that others publish: name, encoder, size, licence, address.
std::string list_checkpoints();
// The presets landseam carries, or one of them with bands and composites.
std::string list_presets();
std::string describe_preset(const std::string& name_or_path);
// Versions of what the program was built with, and the formats it can write.
std::string describe_installation();

}  // namespace landseam::pipeline
