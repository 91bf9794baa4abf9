// Layers in a PostGIS database.
#pragma once

#include "landseam/output/layer_sink.h"

#include <memory>

namespace landseam::output {

// See open_layer. Throws Error, of kind `passing` where the server cannot be reached.
std::unique_ptr<LayerSink> open_postgis(const LayerOptions& options);

}  // namespace landseam::output
