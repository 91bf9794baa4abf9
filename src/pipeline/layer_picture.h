// A layer drawn over its scene, as a whole and object by object.
#pragma once

#include "landseam/core/image.h"
#include "landseam/output/layer_reader.h"
#include "landseam/pipeline/scene_picture.h"

#include <vector>

namespace landseam::pipeline {

// The layer's geometries, which are in the scene's CRS, in scene pixels.
std::vector<MultiPolygon> in_scene_pixels(const output::ReadLayer& layer, const raster::SceneInfo& info);

// Polygons in scene pixels as they lie on a picture of `window` that is `scale` picture pixels a scene pixel.
MultiPolygon in_picture(MultiPolygon polygons, const PixelBox& window, Point scale);

class LayerPicture {
public:
    // Both must outlive this. Outlines are in scene pixels.
    LayerPicture(const ScenePicture& scene, const std::vector<MultiPolygon>& outlines)
        : scene_(scene), outlines_(outlines) {}

    // The whole scene with all objects; its longest side has at most `side` pixels.
    ImageU8 overview(int side) const;
    // One object with some of its surroundings on a square picture, its outline only.
    ImageU8 of_object(const MultiPolygon& outline, int side) const;

private:
    ImageU8 rgb(const PixelBox& window, int width, int height) const;

    const ScenePicture& scene_;
    const std::vector<MultiPolygon>& outlines_;
};

}  // namespace landseam::pipeline
