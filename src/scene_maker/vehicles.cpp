// Cars of training scenes, single ones and car parks full of them.
#include "scene_maker/site.h"

#include <cmath>

namespace landseam::scene_maker {

void put_car(Site& site, const LocalFrame& frame) {
    const std::size_t before = site.plan.surfaces().size();
    add_car(site.plan, site.random, frame);
    constexpr double car_width_m = 1.8;
    if (car_width_m >= 2.5 * site.gsd_m) return;
    for (std::size_t i = before; i < site.plan.surfaces().size(); ++i)
        site.plan.surfaces()[i].object = site.plan.surfaces()[i].part = mark_below;
}

void put_cars_along(Site& site, const Path& path, double half_width, double chance) {
    if (path.length() < 12) return;
    Random& random = site.random;
    for (double at = 3; at < path.length() - 3; at += 6.5) {
        for (const double side : {1.0, -1.0}) {
            const double offset = half_width * random.uniform(0.35, 0.75);
            const bool here = random.chance(chance);
            LocalFrame frame = path.at(at + random.uniform(-0.8, 0.8), side);
            if (!here || !site.near_picture({frame.origin}, 3)) continue;
            frame.origin = frame.at(0, offset);
            put_car(site, {frame.origin, frame.u * side, left_of(frame.u) * side});
        }
    }
}

void fill_car_park(Site& site, const Box& box, double filled) {
    Random& random = site.random;
    constexpr double bay_m = 2.6, bay_length_m = 5, lane_m = 6;
    Paint line = plain(material::road_paint, 0.1);
    const bool lines = site.gsd_m < 0.45 && random.chance(0.7);
    for (double v = 0.5; v + bay_length_m < box.width;
         v += random.chance(0.5) ? bay_length_m : bay_length_m + lane_m) {
        for (double u = 0.5; u + bay_m < box.length; u += bay_m) {
            const LocalFrame bay = box.frame.moved(u + bay_m / 2, v + bay_length_m / 2);
            if (lines) {
                Surface& mark = site.plan.paint(
                    Layer::marking, rectangle(bay, -bay_m / 2 - 0.06, -2.4, -bay_m / 2 + 0.06, 2.4), line);
                mark.object = mark.part = mark_below;
            }
            const bool taken = random.chance(filled), back = random.chance(0.4);
            if (!taken) continue;
            const LocalFrame nose = bay.turned();
            put_car(site, back ? LocalFrame{nose.origin, nose.u * -1, nose.v * -1} : nose);
        }
    }
}

}  // namespace landseam::scene_maker
