// Buildings of training scenes: roofs of many forms, their faces and what stands on them.
#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

constexpr double lift_m = 0.02;  // keeps what lies on a roof above it

Point random_point_in(Random& random, const Ring& ring) {
    const Extent e = extent_in({{0, 0}, {1, 0}, {0, 1}}, ring);
    for (int attempt = 0; attempt < 12; ++attempt) {
        Point p;
        p.x = random.uniform(e.u0, e.u1);
        p.y = random.uniform(e.v0, e.v1);
        if (contains(ring, p)) return p;
    }
    return centroid(ring);
}

// A face that rises from `eaves_point` in direction `uphill`; rows of its cover run uphill.
Surface& paint_face(Plan& plan, const Ring& ring, Paint look, int object, Point eaves_point, Point uphill,
                    double eaves, double pitch) {
    look.angle = std::atan2(uphill.y, uphill.x);
    Surface& face = plan.paint(Layer::roof, ring, look, object);
    face.origin = eaves_point;
    face.slope = uphill * pitch;
    face.base = eaves;
    return face;
}

// Something flat on a roof or over it, at the height `top`.
void paint_block(Site& site, const Ring& ring, const Paint& look, int object, double top) {
    site.plan.paint(Layer::detail, ring, look, object).base = top;
}

void add_on_roof(Site& site, Point p, Point direction, double height, int object) {
    Random& random = site.random;
    const LocalFrame frame{p, direction, left_of(direction)};
    const double draw = random.uniform(0, 1);
    const double size = random.uniform(0.8, 1.3);
    if (draw < 0.35) {
        const std::vector<Spectrum> colours{{.03, .03, .032, .05},
                                            {.05, .10, .25, .15},
                                            {.5, .5, .5, .5},
                                            material::sheet_metal,
                                            {.30, .16, .06, .3}};
        const double stand = height + random.uniform(0.3, 2.2), radius = 0.55 * size;
        const Spectrum colour = random.pick(colours);
        add_tank(site, p, radius, stand + 1.2, 0.25, plain(colour, 0.03), object);
    } else if (draw < 0.6) {  // the head of the stairs
        const double l = random.uniform(1.8, 3.6), w = random.uniform(1.8, 2.8);
        const Cover cover = random.chance(0.5) ? Cover::concrete : Cover::tin;
        const double top = height + random.uniform(2.1, 2.8);
        paint_block(site, rectangle(frame, -l / 2, -w / 2, l / 2, w / 2), cover_look(site, cover), object,
                    top);
    } else if (draw < 0.75) {
        Paint look = plain(material::solar_cell, 0.02);
        look.second = material::solar_frame;
        look.texture = Texture::cells;
        look.spacing_m = 1.05;
        look.angle = std::atan2(direction.y, direction.x);
        const double l = 1.05 * (2 + random.below(3)), w = 1.65 * (1 + random.below(2));
        paint_block(site, rectangle(frame, -l / 2, -w / 2, l / 2, w / 2), look, object, height + 0.6);
    } else if (draw < 0.9) {  // boxes, bundles, washing
        const Spectrum colour{random.uniform(.05, .5), random.uniform(.05, .5), random.uniform(.05, .5), .3};
        const Ring box = rectangle(frame, -size / 2, -size / 3, size / 2, size / 3);
        paint_block(site, box, plain(colour), object, height + random.uniform(0.3, 1.1));
    } else {
        const double l = random.uniform(1.5, 4), w = random.uniform(1.5, 3);
        const Ring shelter = rectangle(frame, -l / 2, -w / 2, l / 2, w / 2);
        const Cover cover = random.chance(0.5) ? Cover::painted_tin : Cover::tin;
        const double top = height + random.uniform(1.8, 2.4);
        paint_block(site, shelter, cover_look(site, cover), object, top);
    }
}

void add_lean_to(Site& site, const Box& box, double eaves, const Paint& look, int object) {
    const double pitch = site.random.uniform(0.04, 0.22);
    paint_face(site.plan, box.ring(), look, object, box.frame.origin, box.frame.v, eaves, pitch);
}

// Wings of single slopes around a court, one of them often missing.
void add_court(Site& site, const Box& box, double eaves, const Paint& look) {
    const LocalFrame& f = box.frame;
    const double l = box.length, w = box.width;
    const double deep = site.random.uniform(0.24, 0.34) * std::min(l, w);
    const double pitch = site.random.uniform(0.05, 0.45);
    const bool open = site.random.chance(0.5);
    const int object = site.plan.add_object("building", box.ring());
    // Faces fall to the court or away from it; at the corners they meet in a line at 45 degrees.
    const bool inward = site.random.chance(0.6);
    const auto wing = [&](const Ring& ring, Point outer, Point inwards) {
        const Point uphill = inward ? inwards * -1 : inwards;
        const Point from = inward ? outer + inwards * deep : outer;
        paint_face(site.plan, ring, look, object, from, uphill, eaves, pitch);
    };
    const Point a = f.at(0, 0), b = f.at(l, 0), c = f.at(l, w), d = f.at(0, w);
    const Point ia = f.at(deep, deep), ib = f.at(l - deep, deep), ic = f.at(l - deep, w - deep),
                id = f.at(deep, w - deep);
    wing({a, b, ib, ia}, a, f.v);
    wing({d, a, ia, id}, a, f.u);
    wing({b, c, ic, ib}, b, f.u * -1);
    if (!open) wing({c, d, id, ic}, c, f.v * -1);
}

void add_cone(Site& site, const Box& box, double eaves, const Paint& look) {
    const double radius = std::min(box.length, box.width) / 2;
    const double rise = site.random.chance(0.5) ? radius * site.random.uniform(0.3, 0.9) : 0.1;
    const int object = site.plan.add_object("building", box.ring());
    add_tank(site, box.centre(), radius, eaves, rise, look, object);
}

}  // namespace

void add_wall(Site& site, const Ring& ring, double thickness, double base, const Paint& look, int object,
              int part) {
    const double side = signed_area(ring) > 0 ? 1 : -1;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        if (length(ring[i] - ring[j]) < 0.05) continue;
        const Point in = left_of(unit(ring[i] - ring[j])) * (side * thickness);
        Surface& wall =
            site.plan.paint(Layer::detail, {ring[j], ring[i], ring[i] + in, ring[j] + in}, look, object);
        wall.base = base;
        wall.part = part;
    }
}

int add_flat_roof(Site& site, const Ring& footprint, double height, const Paint& look, double clutter) {
    Random& random = site.random;
    const int object = site.plan.add_object("building", footprint);
    site.plan.occupancy.add(footprint, Occupancy::building);
    Surface& deck = site.plan.paint(Layer::roof, footprint, look, object);
    deck.base = height;
    const int part = deck.part;
    const double thickness = random.uniform(0.18, 0.4);
    const Spectrum edge =
        random.chance(0.25) ? Spectrum{.30, .10, .075, .32} : between(look.first, material::concrete, 0.5);
    const Paint rim = plain(varied(random, edge, 0.35));
    const double rise = random.uniform(0.15, 1.0);
    if (thickness * 1.5 > site.gsd_m) add_wall(site, footprint, thickness, height + rise, rim, object, part);
    const Ring inner = inset(footprint, 1.1);
    if (inner.empty() || site.gsd_m > 0.6) return object;
    const Point direction = longest_direction(footprint);
    const int things =
        static_cast<int>(clutter * std::abs(signed_area(footprint)) / 28 + random.uniform(0, 1.5));
    for (int i = 0; i < things; ++i) {
        const Point p = random_point_in(random, inner);
        add_on_roof(site, p, random.chance(0.5) ? direction : left_of(direction), height, object);
    }
    // A part of the deck is covered, or raised by a floor.
    if (random.chance(0.35 * clutter)) {
        const Box box = box_inside(inner, direction);
        const double share = random.uniform(0.3, 0.6);
        const Box upper{box.frame, box.length * share, box.width};
        const bool tin = random.chance(0.5);
        const double top = height + random.uniform(2.3, 3);
        paint_block(site, upper.ring(), tin ? cover_look(site, Cover::tin) : look, object, top);
    }
    return object;
}

void add_tank(Site& site, Point centre, double radius, double base, double rise, const Paint& look,
              int object) {
    const int faces = radius < 3 * site.gsd_m ? 8 : 20;
    const Ring rim = wavering_ellipse(centre, radius, radius, 0, 0, faces, 0);
    if (object == no_mark) object = site.plan.add_object("tank", rim);
    int part = no_mark;
    for (std::size_t i = 0; i < rim.size(); ++i) {
        const Point a = rim[i], b = rim[(i + 1) % rim.size()];
        const Point uphill = unit(centre - (a + b) * 0.5);
        Surface& face = paint_face(site.plan, {a, b, centre}, look, object, a, uphill, base, rise / radius);
        // One round top, and with one noise: its wedges are no parts.
        if (part == no_mark) part = face.part;
        face.part = part;
        face.seed = static_cast<std::uint64_t>(object);
        face.paint.angle = look.angle;
    }
}

void add_house(Site& site, const Box& box, HouseForm form, double eaves, const Paint& look) {
    Random& random = site.random;
    if (box.length < 1.2 || box.width < 1.2) return;
    const bool along = box.length >= box.width;
    const bool tin = look.texture == Texture::sheets;
    BuildingSize size{box.length, box.width, eaves, 0, true};
    size.pitch = tin ? random.uniform(0.06, 0.35) : random.uniform(0.25, 0.8);
    size.bare = site.gsd_m > 0.5 || tin || random.chance(0.5);
    if (form == HouseForm::gable)
        add_building(site.plan, random, box.frame, size, RoofForm::gable, look);
    else if (form == HouseForm::hip)
        add_building(site.plan, random, box.frame, size, RoofForm::hip, look);
    else if (form == HouseForm::angled)
        add_building(site.plan, random, box.frame, size, RoofForm::angled, look);
    else if (form == HouseForm::flat)
        add_flat_roof(site, box.ring(), eaves, look, 1);
    else {
        site.plan.occupancy.add(box.ring(), Occupancy::building);
        const LocalFrame turned{box.frame.at(box.length, 0), box.frame.v, box.frame.u * -1};
        const Box b = along ? box : Box{turned, box.width, box.length};
        if (form == HouseForm::lean_to)
            add_lean_to(site, b, eaves, look, site.plan.add_object("building", box.ring()));
        else if (form == HouseForm::court)
            add_court(site, b, eaves, look);
        else
            add_cone(site, b, eaves, look);
    }
}

void add_greenhouses(Site& site, const Box& box) {
    Random& random = site.random;
    const double width = random.uniform(4, 8), gap = random.chance(0.4) ? 0 : random.uniform(0.4, 1.5);
    const int count = std::max(1, static_cast<int>(box.width / (width + gap)));
    const Paint look = cover_look(site, Cover::plastic);
    int object = no_mark;
    for (int i = 0; i < count; ++i) {
        const LocalFrame f = box.frame.moved(0, i * (width + gap));
        if (object == no_mark || gap > 0)
            object = site.plan.add_object("greenhouse", rectangle(f, 0, 0, box.length, width));
        Paint own = look;
        own.first = varied(random, look.first, 0.12);
        const double pitch = 0.3;
        Surface& near = paint_face(site.plan, rectangle(f, 0, 0, box.length, width / 2), own, object,
                                   f.origin, f.v, 1.8, pitch);
        near.paint.angle += M_PI / 2;
        const int part = near.part;
        Surface& far = paint_face(site.plan, rectangle(f, 0, width / 2, box.length, width), own, object,
                                  f.at(0, width), f.v * -1, 1.8, pitch);
        far.part = part;
        far.paint.angle += M_PI / 2;
    }
}

}  // namespace landseam::scene_maker
