#include "scene_maker/plan.h"

#include <algorithm>

namespace landseam::scene_maker {

int Plan::add_object(const std::string& class_name, const Ring& outline) {
    objects_.push_back({class_name, outline});
    return static_cast<int>(objects_.size()) - 1;
}

Surface& Plan::paint(Layer layer, const Ring& ring, const Paint& paint, int object) {
    Surface surface;
    surface.ring = ring;
    surface.layer = layer;
    surface.paint = paint;
    surface.object = object;
    surface.part = add_part();
    surface.land = land;
    surface.origin = ring[0];
    surface.seed = mixed(seed_ + surfaces_.size());
    surfaces_.push_back(std::move(surface));
    return surfaces_.back();
}

Surface& Plan::paint_object(const std::string& class_name, Layer layer, const Ring& ring, const Paint& look) {
    return paint(layer, ring, look, add_object(class_name, ring));
}

std::vector<Surface> Plan::sorted_surfaces() const {
    std::vector<Surface> sorted = surfaces_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Surface& a, const Surface& b) { return a.layer < b.layer; });
    return sorted;
}

}  // namespace landseam::scene_maker
