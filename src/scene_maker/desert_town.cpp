// A town on pale, dry ground: walled compounds, domes, palms, tracks, and much that is bare.
#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

struct DesertStyle {
    double built = 0.6;  // share of compounds that are
    double plot = 500;
    Spectrum mud{};  // what houses are plastered with
    double palms = 20;
    double white = 0.3;  // share of houses that are whitewashed
};

Paint plaster(Site& site, const DesertStyle& style) {
    Random& random = site.random;
    Paint look = cover_look(site, Cover::concrete);
    look.first = varied(random, random.chance(style.white) ? material::white_membrane : style.mud, 0.2);
    look.second = varied(random, style.mud, 0.2);
    return look;
}

void build_compound(Site& site, const DesertStyle& style, const Ring& cell) {
    Random& random = site.random;
    const Ring lot = inset(site.warp.bent(cell, 1e9), random.uniform(0.3, 2));
    if (lot.empty() || std::abs(signed_area(lot)) < 60) return;
    Surface& yard = site.lay_land(Layer::parcel, cell,
                                  ground_look(site, random.chance(0.7) ? Ground::sand : Ground::dirt), 6);
    yard.object = site.plan.add_object("compound", cell);
    const double high = random.uniform(1.5, 3.2), thick = std::max(0.3, 0.8 * site.gsd_m);
    if (random.chance(0.8))
        add_wall(site, lot, thick, high, plain(varied(random, style.mud, 0.25)), mark_below, mark_below);
    const Ring inner = inset(lot, thick + random.uniform(0, 2.5));
    if (inner.empty()) return;
    SubdivisionRule rule;
    rule.area = std::max(40.0, std::abs(signed_area(inner)) / random.uniform(1.5, 8));
    rule.slenderness = random.uniform(1, 2);
    rule.slant = 0.02;
    rule.off_centre = 0.25;
    const double filled = random.uniform(0.3, 0.9);
    for (const Ring& room : subdivided(random, inner, rule).cells) {
        const Ring house = inset(room, random.chance(0.4) ? 0 : random.uniform(0, 1.5));
        if (house.empty() || std::abs(signed_area(house)) < 14 || !random.chance(filled)) continue;
        const double draw = random.uniform(0, 1), height = random.uniform(2.8, 8);
        const double clutter = random.uniform(0, 0.8);
        const Box box = box_inside(house, longest_direction(house));
        if (draw < 0.72)
            add_flat_roof(site, draw < 0.4 ? house : box.ring(), height, plaster(site, style), clutter);
        else if (draw < 0.8)
            add_house(site, box, HouseForm::round, std::min(height, 5.0), plaster(site, style));
        else if (draw < 0.9)
            add_house(site, box, HouseForm::court, height, plaster(site, style));
        else
            add_house(site, box, HouseForm::gable, height, cover_look(site, Cover::painted_tin));
    }
    const int palms = static_cast<int>(random.uniform(0, 1) * style.palms / 8);
    for (int i = 0; i < palms; ++i) {
        const Box box = box_inside(lot, longest_direction(lot));
        const double u = random.uniform(0, box.length), v = random.uniform(0, box.width);
        plant_palm(site, box.frame.at(u, v), random.uniform(1.8, 3.6));
    }
    if (random.chance(0.3))
        put_car(site, {lot[0] + (centroid(lot) - lot[0]) * 0.25, longest_direction(lot),
                       left_of(longest_direction(lot))});
}

// Palms in rows on green ground, a garden, or nothing but ground of another kind.
void leave_bare(Site& site, const DesertStyle& style, const Ring& cell) {
    Random& random = site.random;
    const double draw = random.uniform(0, 1);
    const Ring ring = site.warp.bent(cell, 6);
    if (draw < 0.15) {
        Surface& grove = site.lay_land(
            Layer::parcel, cell, ground_look(site, random.chance(0.5) ? Ground::weeds : Ground::dirt), 6);
        grove.object = site.plan.add_object("orchard", cell);
        const Point along = longest_direction(cell);
        const LocalFrame f{centroid(ring), along, left_of(along)};
        const Extent e = extent_in(f, ring);
        const double step = random.uniform(5, 8);
        for (double v = e.v0; v < e.v1; v += step)
            for (double u = e.u0; u < e.u1; u += step) {
                const Point p = f.at(u + random.uniform(-0.5, 0.5), v);
                const double radius = random.uniform(2, 3.6);
                if (contains(ring, p) && random.chance(0.9)) plant_palm(site, p, radius);
            }
    } else if (draw < 0.25) {
        const Point along = longest_direction(cell);
        Surface& field = site.lay_land(Layer::parcel, inset(cell, 0.5).empty() ? cell : inset(cell, 0.5),
                                       crop_look(site, std::atan2(along.y, along.x)), 6);
        field.object = site.plan.add_object("field", cell);
    } else if (draw < 0.5) {
        site.lay_land(Layer::parcel, cell,
                      ground_look(site, random.chance(0.5) ? Ground::rubble : Ground::weeds), 6);
    }
    scatter_bushes(site, ring, random.uniform(0, style.palms * 4), 0.4, 2);
    if (random.chance(0.3)) plant_trees(site, ring, random.uniform(0, 30), 1.2, 3.5);
}

void lay_tracks(Site& site, const Subdivision& blocks, double street) {
    Random& random = site.random;
    const bool paved = random.chance(0.6);
    const int count = 1 + random.below(6);
    site.plan.begin_land();
    const int object = site.plan.add_object("road", site.surroundings(0));
    Paint look = ground_look(site, paved ? Ground::asphalt : Ground::dirt);
    for (int i = 0; i < count && i < static_cast<int>(blocks.cuts.size()); ++i) {
        const Cut& cut = blocks.cuts[static_cast<std::size_t>(i)];
        const Path path = site.warp.bent(cut.from, cut.to, 8);
        const double half = street * random.uniform(0.25, 0.42);
        site.plan.paint(Layer::road, path.strip(-half, half), look, object);
        put_cars_along(site, path, half, 0.06);
    }
    site.plan.land = mark_below;
}

}  // namespace

void plan_desert_town(Site& site) {
    Random& random = site.random;
    const std::vector<Spectrum> pale{
        {.40, .34, .265, .45}, {.34, .27, .19, .40}, {.43, .39, .33, .46}, {.30, .225, .16, .36}};
    site.soil = varied(random, random.pick(pale), 0.2);
    DesertStyle style;
    style.built = random.uniform(0.15, 0.9);
    style.plot = random.uniform(200, 900) * std::max(1.0, site.gsd_m * 1.2);
    style.mud = varied(random, between(site.soil, material::concrete, random.uniform(0, 0.7)), 0.25);
    style.palms = random.chance(0.5) ? random.uniform(0, 20) : random.uniform(20, 80);
    style.white = random.chance(0.6) ? random.uniform(0, 0.3) : random.uniform(0.3, 0.9);
    site.bend(14, 120, 220);
    Paint ground = ground_look(site, Ground::sand);
    if (random.chance(0.4)) {  // ripples and dunes
        ground.texture = Texture::swaths;
        ground.spacing_m = site.gsd_m * random.uniform(5, 40);
    }
    Surface& sand = site.lay_ground(ground);
    sand.object = no_mark;
    SubdivisionRule rule;
    rule.area = style.plot * random.uniform(5, 12);
    rule.slenderness = random.uniform(1, 2);
    rule.slant = random.uniform(0, 0.15);
    const Subdivision blocks = subdivided(random, site.surroundings(50), rule);
    const double street = random.uniform(5, 13);
    for (const Ring& whole : blocks.cells) {
        if (!site.near_picture(whole, 40)) continue;
        const Ring block = inset(whole, street * random.uniform(0.4, 0.6));
        if (block.empty()) continue;
        if (!random.chance(style.built)) {
            leave_bare(site, style, block);
            continue;
        }
        SubdivisionRule plots = rule;
        plots.area = style.plot;
        for (const Ring& plot : subdivided(random, block, plots).cells)
            if (!random.chance(0.15)) build_compound(site, style, plot);
    }
    site.plan.land = mark_below;
    lay_tracks(site, blocks, street);
}

}  // namespace landseam::scene_maker
