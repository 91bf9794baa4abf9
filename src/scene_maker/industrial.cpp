// Works and stores: halls, tanks, silos, car parks, containers, rails.
#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

Surface& lift(Surface& surface, double base) {
    surface.base = base;
    return surface;
}

// Strips of glass or other sheets along a flat roof; too thin to be parts.
void lay_roof_strips(Site& site, const Box& box, double height, int object) {
    Random& random = site.random;
    const double step = random.uniform(4, 12), wide = random.uniform(0.5, 1.8);
    const Paint look =
        plain(varied(random, random.chance(0.5) ? material::glass : material::white_membrane, 0.3));
    for (double u = step / 2; u + wide < box.length; u += step) {
        Surface& strip =
            lift(site.plan.paint(Layer::detail, rectangle(box.frame, u, 1.5, u + wide, box.width - 1.5), look,
                                 object),
                 height + 0.1);
        strip.part = mark_below;
    }
}

void build_hall(Site& site, const Box& box) {
    Random& random = site.random;
    const std::vector<Cover> covers{Cover::membrane, Cover::tin,      Cover::painted_tin,
                                    Cover::felt,     Cover::concrete, Cover::tin};
    Paint look = cover_look(site, random.pick(covers));
    if (look.texture == Texture::sheets) {
        look.spacing_m = std::max(3 * site.gsd_m, random.uniform(1, 6));
        look.mix *= 0.3;
    }
    const double height = random.uniform(5, 13), draw = random.uniform(0, 1);
    if (draw < 0.5) {
        const int object = add_flat_roof(site, box.ring(), height, look, random.uniform(0, 0.12));
        if (random.chance(0.5)) lay_roof_strips(site, box, height, object);
    } else if (draw < 0.8) {  // saddle roofs side by side, of one building
        const int bays = 1 + random.below(std::max(1, static_cast<int>(box.width / 14)));
        const double bay = box.width / bays, pitch = random.uniform(0.05, 0.3);
        const int object = site.plan.add_object("building", box.ring());
        site.plan.occupancy.add(box.ring(), Occupancy::building);
        for (int i = 0; i < bays; ++i) {
            for (const bool far : {false, true}) {
                const LocalFrame f = box.frame.moved(0, bay * i);
                Surface& face = site.plan.paint(
                    Layer::roof, rectangle(f, 0, far ? bay / 2 : 0, box.length, far ? bay : bay / 2), look,
                    object);
                face.paint.angle = std::atan2(f.v.y, f.v.x);
                face.origin = f.at(0, far ? bay : 0);
                face.slope = f.v * (far ? -pitch : pitch);
                face.base = height;
            }
        }
    } else {
        add_house(site, box, HouseForm::gable, height, look);
    }
}

void build_tank_farm(Site& site, const Box& box) {
    Random& random = site.random;
    const double radius = random.uniform(3, std::clamp(0.3 * std::min(box.length, box.width), 4.0, 22.0));
    const double step = 2 * radius + random.uniform(2, 10), height = random.uniform(6, 16);
    const std::vector<Spectrum> colours{material::white_membrane, material::sheet_metal, {.30, .29, .26, .3},
                                        {.2, .21, .2, .2},        {.25, .15, .1, .28},   {.12, .2, .2, .2}};
    const Spectrum usual = random.pick(colours);
    for (double v = radius + 2; v + radius + 1 < box.width; v += step) {
        for (double u = radius + 2; u + radius + 1 < box.length; u += step) {
            const Spectrum colour = random.chance(0.7) ? usual : random.pick(colours);
            const double own = random.chance(0.7) ? radius : radius * random.uniform(0.4, 1),
                         rise = random.chance(0.3) ? 0.02 : random.uniform(0.1, 0.4) * own;
            Paint look = plain(varied(random, colour, 0.2), 0.05);
            look.mix = random.uniform(0, 0.2);
            look.second = varied(random, {.2, .12, .08, .25}, 0.3);
            look.patch_m = own * 0.4;
            if (random.chance(0.9))
                add_tank(site, box.frame.at(u, v), own, height * random.uniform(0.7, 1.1), rise, look,
                         no_mark);
        }
    }
}

void stack_containers(Site& site, const Box& box) {
    Random& random = site.random;
    const double lane = random.uniform(4, 14), gap = random.uniform(0.2, 0.8);
    const int rows_together = 1 + random.below(5);
    const std::vector<Spectrum> liveries{{.28, .07, .05, .3},  {.05, .1, .26, .2},  {.06, .17, .11, .2},
                                         {.36, .37, .37, .36}, {.38, .2, .06, .38}, {.17, .1, .07, .2},
                                         {.2, .21, .22, .2},   {.38, .31, .1, .4}};
    int row = 0;
    for (double v = 1; v + 2.5 < box.width; v += 2.44 + gap + (++row % rows_together == 0 ? lane : 0)) {
        for (double u = 1; u + 12.2 < box.length; u += 12.2 + gap) {
            if (random.chance(0.25)) continue;
            const Spectrum colour = random.pick(liveries);
            Paint look = plain(varied(random, colour, 0.2), 0.05);
            const double length = random.chance(0.25) ? 6.06 : 12.19;
            Surface& container = site.plan.paint_object(
                "container", Layer::roof, rectangle(box.frame, u, v, u + length, v + 2.44), look);
            container.base = 2.6 * (1 + random.below(4));
            if (!site.shows(2.0)) container.object = container.part = mark_below;
        }
    }
}

void park(Site& site, const Box& box) {
    Random& random = site.random;
    fill_car_park(site, box, random.uniform(0.1, 0.95));
    if (random.chance(0.4)) plant_grid(site, box.ring(), box.frame.u, 18, 9, 1.8);
}

void store_things(Site& site, const Ring& ring) {
    Random& random = site.random;
    const Box box = box_inside(ring, longest_direction(ring));
    const int heaps = random.below(7);
    for (int i = 0; i < heaps; ++i) {
        const double radius = random.uniform(2, 8);
        const Point p = box.frame.at(random.uniform(0, 1) * box.length, box.width * 0.5);
        const Point moved = p + box.frame.v * (random.uniform(-0.4, 0.4) * box.width);
        const Paint look = ground_look(site, random.chance(0.5) ? Ground::gravel : Ground::dirt);
        const Ring foot = wavering_ellipse(moved, radius, radius * 0.8, i, 0.2, 30, random.next());
        Surface& heap = site.plan.paint_object("heap", Layer::low, foot, look);
        heap.relief = Relief::cone;
        heap.origin = moved;
        heap.radius = radius;
        heap.top = radius * 0.7;
    }
    scatter_bushes(site, ring, random.uniform(0, 150), 0.4, 1.5);
}

void use_lot(Site& site, const Ring& cell) {
    Random& random = site.random;
    const std::vector<Ground> grounds{Ground::concrete, Ground::asphalt, Ground::gravel,
                                      Ground::dirt,     Ground::weeds,   Ground::lawn};
    const Ground ground = random.pick(grounds);
    site.lay_land(Layer::parcel, cell, ground_look(site, ground), 8);
    const Ring lot = inset(site.warp.bent(cell, 1e9), random.uniform(1, 6));
    if (lot.empty() || std::abs(signed_area(lot)) < 60) return;
    Box box = box_inside(lot, longest_direction(lot));
    const double draw = random.uniform(0, 1);
    if (draw < 0.45) {
        box.length *= random.uniform(0.6, 1);
        box.width *= random.uniform(0.6, 1);
        build_hall(site, box);
        put_cars_along(site, Path({lot[0], lot[1]}), -3, 0.2);
    } else if (draw < 0.57) {
        build_tank_farm(site, box);
    } else if (draw < 0.75) {
        park(site, box);
    } else if (draw < 0.87) {
        stack_containers(site, box);
    } else {
        store_things(site, lot);
    }
    plant_trees(site, lot, ground == Ground::lawn ? 60 : random.uniform(0, 12), 1.2, 4);
}

// Ballast, rails and, now and then, wagons.
void lay_rails(Site& site, const Cut& cut) {
    Random& random = site.random;
    const int tracks = 1 + random.below(5);
    const double gauge = 1.44, apart = 4.6, half = tracks * apart / 2 + 1;
    const Path line = site.warp.bent(cut.from, cut.to, 10);
    Paint ballast = ground_look(site, Ground::gravel);
    ballast.first = varied(random, {.17, .15, .135, .18}, 0.3);
    site.plan.begin_land();
    Surface& bed = site.plan.paint(Layer::road, line.strip(-half, half), ballast);
    bed.object = site.plan.add_object("railway", bed.ring);
    site.plan.land = mark_below;
    for (int i = 0; i < tracks; ++i) {
        const double middle = (i - (tracks - 1) / 2.0) * apart;
        for (const double side : {-0.5, 0.5}) {
            Surface& rail = site.plan.paint(
                Layer::marking, line.strip(middle + side * gauge - 0.09, middle + side * gauge + 0.09),
                plain({.10, .085, .075, .1}));
            rail.object = rail.part = mark_below;
        }
        if (!random.chance(0.5)) continue;
        const Spectrum colour = varied(random, {.18, .13, .1, .2}, 0.6);
        const double length = random.uniform(11, 24), start = random.uniform(0, 0.6) * line.length();
        for (double at = start; at < start + 0.4 * line.length(); at += length + 1) {
            const LocalFrame f = line.at(at);
            if (!site.near_picture({f.origin}, length)) continue;
            site.plan
                .paint_object("wagon", Layer::roof,
                              rectangle(f, -length / 2, middle - 1.45, length / 2, middle + 1.45),
                              plain(varied(random, colour, 0.3)))
                .base = 3.6;
        }
    }
}

}  // namespace

void plan_industrial(Site& site) {
    Random& random = site.random;
    if (random.chance(0.5)) site.bend(25, 350, 450);
    Surface& road =
        site.lay_ground(ground_look(site, random.chance(0.75) ? Ground::asphalt : Ground::concrete));
    road.object = site.plan.add_object("road", road.ring);
    SubdivisionRule rule;
    rule.area = std::max(1200.0, std::min(site.width_m * site.height_m / random.uniform(4, 16), 16000.0)) *
                random.uniform(0.8, 1.5);
    rule.spread = 2;
    rule.slenderness = random.uniform(1.2, 2);
    rule.slant = random.chance(0.6) ? 0.01 : 0.12;
    const Subdivision lots = subdivided(random, site.surroundings(80), rule);
    const double street = std::clamp(random.uniform(0.1, 0.25) * std::sqrt(rule.area), 4.0, 16.0);
    const Ground paving = random.chance(0.7) ? Ground::asphalt : Ground::concrete;
    lay_lanes(site, lots.cuts, street * 0.4, paving, random.chance(0.6));
    for (const Ring& cell : lots.cells) {
        if (!site.near_picture(cell, 50)) continue;
        const Ring lot = inset(cell, street * random.uniform(0.35, 0.6));
        if (!lot.empty()) use_lot(site, lot);
    }
    site.plan.land = mark_below;
    if (random.chance(0.35) && !lots.cuts.empty())
        lay_rails(site, lots.cuts[static_cast<std::size_t>(
                            random.below(static_cast<int>(std::min<std::size_t>(3, lots.cuts.size()))))]);
    const double traffic = random.uniform(0, 0.15);
    for (const Cut& cut : lots.cuts)
        put_cars_along(site, site.warp.bent(cut.from, cut.to, 10), street * 0.35, traffic);
}

}  // namespace landseam::scene_maker
