// A scene made ready for the model: opened, its bands mapped to the channels it takes, its one stretch known.
#pragma once

#include "landseam/bands/channel_plan.h"
#include "landseam/bands/stretch.h"
#include "landseam/core/progress.h"
#include "landseam/raster/raster_source.h"
#include "landseam/sam/model.h"

#include <memory>
#include <string>

namespace landseam::pipeline {

// How a scene's bands become a picture.
struct PictureOptions {
    bands::ChannelRequest channels;  // preset and bands; both empty: what suits the file
    bands::StretchOptions stretch;
    std::string stretch_from;  // settings file of an earlier run whose channels and stretch are used again
    bool skip_unreadable = false;  // take the stretch over what can be read
};

// Asks for the bands that a model takes.
void suit_model(PictureOptions& options, const sam::ModelInfo& model);

struct ScenePicture {
    std::unique_ptr<raster::RasterSource> source;
    bands::ChannelPlan plan;
    bands::Stretch stretch;
};

// Opens the scene, plans the channels and takes the stretch over a sample of the whole scene: a reduced picture of it, from
// overviews where there are any; for very large scenes without overviews, windows spread evenly over it. Warnings about the
// file go to `progress`.
ScenePicture prepare_scene(const std::string& path, const raster::OpenOptions& open_options,
                           const PictureOptions& options, Progress& progress);

// The sample that prepare_scene takes statistics from. With `skip_unreadable`, places that cannot be read are invalid.
RasterWindow read_sample(const raster::RasterSource& source, const std::vector<int>& bands, bool skip_unreadable = false);

}  // namespace landseam::pipeline
