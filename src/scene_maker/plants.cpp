// Trees, shrubs, hedges and woods.
#include "scene_maker/plan.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

Paint foliage(Random& random, bool conifer) {
    Paint look;
    look.first = conifer ? material::needles : material::leaves;
    look.second = conifer ? material::hedge_leaves : material::light_leaves;
    look.mix = random.uniform(0.05, 0.7);
    look.patch_m = 1.2;
    look.grain = 0.28;
    look.grain_m = 0.5;
    // Every tree has a tint of its own, now and then a copper one.
    const double tint = random.uniform(0.8, 1.25);
    for (double& value : look.first) value *= tint;
    if (!conifer && random.chance(0.04)) look.first = {.075, .045, .032, .36};
    return look;
}

}  // namespace

Surface& paint_tree(Plan& plan, Random& random, Point centre, double radius, bool conifer) {
    const double squash = random.uniform(0.88, 1.0), angle = random.uniform(0, M_PI);
    const std::uint64_t seed = random.next();
    const Ring outline =
        wavering_ellipse(centre, radius, radius * squash, angle, conifer ? 0.10 : 0.20, 36, seed);
    Surface& crown = plan.paint_object("tree", Layer::low, outline, foliage(random, conifer));
    crown.relief = conifer ? Relief::cone : Relief::crown;
    crown.origin = centre;
    crown.radius = radius;
    crown.base = conifer ? 0.8 : 0.45 * radius + 0.6;
    crown.top = conifer ? 2.5 * radius + 1.5 : 1.75 * radius + 1.2;
    return crown;
}

bool add_tree(Plan& plan, Random& random, Point centre, double radius, bool conifer) {
    const Ring keep_clear = wavering_ellipse(centre, 0.92 * radius, 0.92 * radius, 0, 0, 10, 0);
    if (!plan.occupancy.free(keep_clear, Occupancy::road | Occupancy::building | Occupancy::water |
                                             Occupancy::car | Occupancy::driveway))
        return false;
    const Ring core = wavering_ellipse(centre, 0.7 * radius, 0.7 * radius, 0, 0, 8, 0);
    if (!plan.occupancy.free(core, Occupancy::tree)) return false;
    plan.occupancy.add(core, Occupancy::tree);
    paint_tree(plan, random, centre, radius, conifer);
    return true;
}

void add_shrub(Plan& plan, Random& random, Point centre, double radius) {
    const std::uint64_t seed = random.next();
    Surface& shrub = plan.paint(Layer::low, wavering_ellipse(centre, radius, radius, 0, 0.25, 16, seed),
                                foliage(random, false));
    shrub.relief = Relief::crown;
    shrub.origin = centre;
    shrub.radius = radius;
    shrub.base = 0.3;
    shrub.top = 1.3 * radius + 0.2;
}

void add_hedge(Plan& plan, Random& random, const Ring& ring, double height) {
    Paint look = foliage(random, false);
    look.first = material::hedge_leaves;
    Surface& hedge = plan.paint_object("hedge", Layer::low, ring, look);
    hedge.relief = Relief::canopy;
    hedge.radius = 0.8;
    hedge.base = 0.55 * height;
    hedge.top = height;
}

void add_wood(Plan& plan, Random& random, const Ring& ring) {
    Paint look = foliage(random, false);
    look.first = material::leaves;
    look.patch_m = 7;
    look.mix = 0.4;
    Surface& wood = plan.paint_object("wood", Layer::low, ring, look);
    wood.relief = Relief::canopy;
    wood.radius = random.uniform(2.8, 3.6);
    wood.base = 4;
    wood.top = 11;
}

}  // namespace landseam::scene_maker
