// The part of a scene the user asks for.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/raster/scene_info.h"

#include <string>

namespace landseam::raster {

// Reads "minx,miny,maxx,maxy" in the scene's CRS (pixel coordinates if it has no georeference), or a vector
// file in any CRS, of which the polygons of all layers count. Returns them in scene pixel coordinates (of
// `scene`, resampled or not), not clipped to the scene; edges follow the straight lines of the file's own CRS
// within 0.02 pixels.
//
// Throws Error (usage for a malformed box) if there is no polygon, a layer cannot be placed on the scene, or
// nothing of it lies on the scene.
MultiPolygon read_area_of_interest(const std::string& spec, const SceneInfo& scene);

}  // namespace landseam::raster
