// Plants of training scenes.
#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

// What is too small to be a thing of its own belongs to what is below it.
void keep_small(Site& site, Surface& plant, double width) {
    if (site.shows(width)) return;
    plant.object = plant.part = mark_below;
}

struct Scatter {
    Extent extent;
    int count = 0;
};
Scatter scatter_over(Site& site, const Ring& ring, double per_hectare) {
    Scatter scatter{extent_in({{0, 0}, {1, 0}, {0, 1}}, ring), 0};
    scatter.extent.u0 = std::max(scatter.extent.u0, -12.0);
    scatter.extent.v0 = std::max(scatter.extent.v0, -12.0);
    scatter.extent.u1 = std::min(scatter.extent.u1, site.width_m + 12);
    scatter.extent.v1 = std::min(scatter.extent.v1, site.height_m + 12);
    const double hectares = std::max(0.0, scatter.extent.u1 - scatter.extent.u0) *
                            std::max(0.0, scatter.extent.v1 - scatter.extent.v0) / 1e4;
    constexpr double most = 5000;
    scatter.count = static_cast<int>(std::min(most, per_hectare * hectares + site.random.uniform(0, 1)));
    return scatter;
}

Point point_of(Random& random, const Extent& e) {
    Point p;
    p.x = random.uniform(e.u0, e.u1);
    p.y = random.uniform(e.v0, e.v1);
    return p;
}

}  // namespace

void plant_tree(Site& site, Point p, double radius) {
    const bool conifer = site.random.chance(0.15);
    Surface& crown = paint_tree(site.plan, site.random, p, radius, conifer);
    // Where pixels are large, trees are wide enough to show, but no higher for that: they stay below woods.
    crown.top = std::min(crown.top, 9.0);
    crown.base = std::min(crown.base, 0.6 * crown.top);
    keep_small(site, crown, 2 * radius);
}

void plant_trees(Site& site, const Ring& ring, double per_hectare, double least, double most) {
    const Scatter scatter = scatter_over(site, ring, per_hectare);
    for (int i = 0; i < scatter.count; ++i) {
        const Point p = point_of(site.random, scatter.extent);
        const double radius = site.random.uniform(least, most);
        if (contains(ring, p)) plant_tree(site, p, radius);
    }
}

void plant_palm(Site& site, Point p, double radius) {
    Random& random = site.random;
    const int fronds = 7 + random.below(4);
    const double turn = random.uniform(0, M_PI);
    Ring star;
    for (int i = 0; i < 2 * fronds; ++i) {
        const double angle = turn + M_PI * i / fronds;
        const double r = radius * (i % 2 == 0 ? random.uniform(0.85, 1.1) : random.uniform(0.35, 0.55));
        star.push_back(p + Point{std::cos(angle), std::sin(angle)} * r);
    }
    Paint look = plain(varied(random, material::hedge_leaves, 0.4), 0.25);
    look.grain_m = 0.5;
    Surface& palm = site.plan.paint_object("tree", Layer::low, star, look);
    palm.relief = Relief::crown;
    palm.origin = p;
    palm.radius = radius;
    palm.base = random.uniform(3, 6);
    palm.top = palm.base + 1;
    keep_small(site, palm, 2 * radius);
}

void plant_wood(Site& site, const Ring& ring) {
    Random& random = site.random;
    Surface& wood = [&]() -> Surface& {
        Paint floor = ground_look(site, Ground::weeds);
        floor.first = varied(random, material::leaves, 0.3);
        floor.second = varied(random, material::hedge_leaves, 0.3);
        return site.plan.paint_object("wood", Layer::land_detail, ring, floor);
    }();
    const int object = wood.object;
    const double size = random.uniform(2, 4.5);
    if (!site.shows(1.6 * size)) {
        // A closed canopy: from far away no more than a rough texture with an edge that throws shadow.
        wood.layer = Layer::low;
        wood.base = random.uniform(9.5, 13);
        wood.paint.grain = random.uniform(0.15, 0.5);
        wood.paint.grain_m = std::max(1.6 * site.gsd_m, 2 * size);
        wood.paint.texture = Texture::speckled;
        if (site.gsd_m < 2.2) {
            wood.relief = Relief::canopy;
            wood.radius = size;
            wood.top = wood.base + 0.5 * size;
        }
        return;
    }
    const Extent e = extent_in({{0, 0}, {1, 0}, {0, 1}}, ring);
    const double step = random.uniform(1.15, 1.5) * size, conifers = random.chance(0.3) ? 0.9 : 0.1;
    const double tint = random.uniform(0, 0.35);
    for (double y = std::max(e.v0, -10.0); y < std::min(e.v1, site.height_m + 10); y += step)
        for (double x = std::max(e.u0, -10.0); x < std::min(e.u1, site.width_m + 10); x += step) {
            Point p{x, y};
            p.x += random.uniform(-0.45, 0.45) * step;
            p.y += random.uniform(-0.45, 0.45) * step;
            const double radius = size * random.uniform(0.6, 1.15);
            const bool conifer = random.chance(conifers);
            if (!contains(ring, p)) continue;
            Surface& crown = paint_tree(site.plan, random, p, radius, conifer);
            crown.object = object;
            crown.paint.first = varied(random, crown.paint.first, tint);
            const double lift = random.uniform(0, 2.5);
            crown.base += lift;
            crown.top += lift;
        }
}

void plant_grid(Site& site, const Ring& ring, Point direction, double row, double step, double radius) {
    Random& random = site.random;
    const LocalFrame frame{centroid(ring), direction, left_of(direction)};
    const Extent e = extent_in(frame, ring);
    const double missing = random.uniform(0, 0.15);
    for (double v = e.v0; v < e.v1; v += row) {
        for (double u = e.u0; u < e.u1; u += step) {
            Point p = frame.at(u, v);
            p.x += random.uniform(-0.07, 0.07) * step;
            p.y += random.uniform(-0.07, 0.07) * step;
            const double own = radius * random.uniform(0.8, 1.15);
            if (random.chance(missing) || !contains(ring, p) || !site.near_picture({p}, 15)) continue;
            plant_tree(site, p, own);
        }
    }
}

void scatter_bushes(Site& site, const Ring& ring, double per_hectare, double least, double most) {
    const Scatter scatter = scatter_over(site, ring, per_hectare);
    for (int i = 0; i < scatter.count; ++i) {
        const Point p = point_of(site.random, scatter.extent);
        const double radius = site.random.uniform(least, most);
        if (!contains(ring, p)) continue;
        add_shrub(site.plan, site.random, p, radius);
        Surface& bush = site.plan.surfaces().back();
        bush.object = bush.part = mark_below;
    }
}

}  // namespace landseam::scene_maker
