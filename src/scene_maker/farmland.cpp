// Farmland from near and far: mosaics of fields, strips, terraces, pivot circles; woods, water, orchards,
// farms.
#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

// What a landscape is like; lengths in metres.
struct Landscape {
    double field = 100;  // width of a usual field
    double margin = 1;   // grass between fields, half of it
    double woods = 0.08, water = 0.03, orchards = 0.05, farms = 0.05, strips = 0.15, waste = 0.05;
    bool pivots = false;
    double hedges = 0.2;
    double road = 5;
};

Landscape draw_landscape(Site& site) {
    Random& random = site.random;
    Landscape land;
    // Fields from some ten pixels to a third of the picture, within what farmers work.
    const double picture = std::min(site.width_m, site.height_m);
    const double least = std::max(14 * site.gsd_m, 15.0),
                 most = std::max(least * 2, std::min(picture / 3, 900.0));
    land.field = least * std::pow(most / least, random.uniform(0.1, 1));
    land.margin = random.chance(0.3) ? 0 : random.uniform(0, 0.03) * land.field;
    land.woods = random.uniform(0, 0.2);
    land.water = random.uniform(0, 0.08);
    land.orchards = random.chance(0.3) ? random.uniform(0.1, 0.5) : 0.03;
    land.farms = random.uniform(0, 0.1);
    land.strips = random.chance(0.3) ? random.uniform(0.3, 1) : 0.1;
    land.waste = random.uniform(0, 0.2);
    land.pivots = random.chance(0.12);
    land.hedges = random.chance(0.5) ? random.uniform(0, 0.6) : 0;
    const double road = random.uniform(3, 8), shown = random.uniform(0.8, 1.6) * site.gsd_m;
    land.road = std::max(road, shown);
    return land;
}

Ring bent(const Site& site, const Ring& ring) {
    return site.warp.bent(ring, 8 * site.gsd_m);
}

void sow(Site& site, const Ring& cell) {
    const Point along = longest_direction(cell);
    Random& random = site.random;
    const double angle = std::atan2(along.y, along.x) + (random.chance(0.85) ? 0 : random.uniform(0, 3));
    Surface& field = site.lay_land(Layer::land, cell, crop_look(site, angle), 8 * site.gsd_m);
    field.object = site.plan.add_object("field", field.ring);
    if (random.chance(0.12)) {  // a part of it harvested, flooded or failed
        const Box box = box_inside(cell, along);
        const double share = random.uniform(0.25, 0.6);
        Paint look = crop_look(site, angle);
        Surface& half = site.plan.paint(
            Layer::land_detail, bent(site, rectangle(box.frame, 0, 0, box.length * share, box.width)), look);
        half.object = mark_below;
    }
    const double size = std::max(2.5, 1.5 * site.gsd_m);
    if (random.chance(0.15))
        plant_trees(site, bent(site, cell), random.uniform(0, 6) * 1e4 / std::abs(signed_area(cell)), size,
                    2 * size);
}

void plant_hedges(Site& site, const Landscape& land, const Ring& cell) {
    Random& random = site.random;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        if (!random.chance(land.hedges)) continue;
        const Point a = cell[i], b = cell[(i + 1) % cell.size()];
        if (length(b - a) < 10 * site.gsd_m) continue;
        const double half = std::max(random.uniform(0.8, 3), 0.5 * site.gsd_m);
        add_hedge(site.plan, random, site.warp.bent(a, b, 8 * site.gsd_m).strip(-half, half),
                  random.uniform(2, 6));
        Surface& hedge = site.plan.surfaces().back();
        hedge.relief = site.gsd_m < 1.5 ? Relief::canopy : Relief::plane;
        hedge.radius = half;
        if (!site.shows(2 * half)) hedge.object = hedge.part = mark_below;
    }
}

// A circle, with a sector or two of other crops.
void irrigate(Site& site, const Ring& cell) {
    Random& random = site.random;
    const Box box = box_inside(cell, longest_direction(cell));
    const double radius = std::min(box.length, box.width) / 2 * random.uniform(0.85, 1);
    const Ring ring = wavering_ellipse(box.centre(), radius, radius, 0, 0, 90, 0);
    site.plan.begin_land();
    const int object = site.plan.add_object("field", ring);
    site.plan.paint(Layer::land_detail, ring, crop_look(site, random.uniform(0, 3)), object);
    const int sectors = random.below(4);
    for (int i = 0; i < sectors; ++i) {
        const int from = random.below(90), count = 10 + random.below(30);
        Ring sector{box.centre()};
        for (int k = 0; k <= count; ++k) sector.push_back(ring[static_cast<std::size_t>((from + k) % 90)]);
        site.plan.paint(Layer::land_detail, sector, crop_look(site, random.uniform(0, 3)), object);
    }
}

void flood(Site& site, const Ring& cell, const std::string& name, double share) {
    Random& random = site.random;
    const Box box = box_inside(cell, longest_direction(cell));
    const double angle = std::atan2(box.frame.u.y, box.frame.u.x), waver = random.uniform(0.1, 0.5);
    const Ring shore = wavering_ellipse(site.warp(box.centre()), box.length / 2 * share,
                                        box.width / 2 * share, angle, waver, 90, random.next());
    const std::vector<Spectrum> waters{material::pond_water,
                                       material::green_water,
                                       {.07, .085, .06, .04},
                                       {.11, .10, .07, .06},
                                       {.035, .07, .075, .02}};
    Paint water = plain(varied(random, random.pick(waters), 0.4), 0.03);
    water.second = varied(random, water.first, 0.3);
    water.mix = 0.3;
    water.patch_m = 0.2 * box.length;
    Paint bank = ground_look(site, random.chance(0.5) ? Ground::weeds : Ground::sand);
    Surface& rim = site.plan.paint(Layer::bank, scaled(shore, site.warp(box.centre()), 1.06), bank);
    rim.object = mark_below;
    site.plan.begin_land();
    site.plan.paint_object(name, Layer::water, shore, water);
}

void build_farm(Site& site, const Ring& cell) {
    Random& random = site.random;
    Surface& yard =
        site.lay_land(Layer::land, cell, ground_look(site, random.chance(0.5) ? Ground::lawn : Ground::dirt),
                      8 * site.gsd_m);
    yard.object = no_mark;
    const Ring ring = site.warp.bent(cell, 1e9);
    const Point along = longest_direction(ring);
    const Box box = box_inside(ring, along);
    const double scale = std::max(1.0, site.gsd_m * 0.6);
    const int count = 2 + random.below(5);
    for (int i = 0; i < count; ++i) {
        const double l = scale * random.uniform(9, 32), w = scale * random.uniform(7, 16);
        if (l + 2 > box.length || w + 2 > box.width) continue;
        const double u = random.uniform(1, box.length - l), v = random.uniform(1, box.width - w);
        const Box house{box.frame.moved(u, v), l, w};
        if (!site.plan.occupancy.free(house.ring(), Occupancy::building)) continue;
        const std::vector<HouseForm> forms{HouseForm::gable, HouseForm::gable,  HouseForm::hip,
                                           HouseForm::flat,  HouseForm::angled, HouseForm::lean_to};
        const std::vector<Cover> covers{Cover::tile, Cover::tin, Cover::painted_tin, Cover::felt,
                                        Cover::membrane};
        const HouseForm form = random.pick(forms);
        const double eaves = random.uniform(3, 6);
        add_house(site, house, form, eaves, cover_look(site, random.pick(covers)));
    }
    if (random.chance(0.3) && site.gsd_m < 3) {
        const Paint look = cover_look(site, Cover::membrane);
        for (int i = 0; i < 3; ++i) add_tank(site, box.frame.at(3 + 7.0 * i, 4), 3, 8, 2, look, no_mark);
    }
    plant_trees(site, ring, random.uniform(5, 60) / scale, 2 * scale, 5 * scale);
}

void plant_orchard(Site& site, const Ring& cell) {
    Random& random = site.random;
    const Point along = longest_direction(cell);
    Paint floor = ground_look(site, random.chance(0.5) ? Ground::meadow : Ground::dirt);
    const double radius = std::max(random.uniform(1.2, 4), 1.1 * site.gsd_m);
    const double row = 2 * radius * random.uniform(1.15, 2), step = 2 * radius * random.uniform(0.9, 1.6);
    Surface& ground = site.lay_land(Layer::land, cell, floor, 8 * site.gsd_m);
    ground.object = site.plan.add_object("orchard", ground.ring);
    plant_grid(site, bent(site, inset(cell, radius)), along, row, step, radius);
}

void use_cell(Site& site, const Landscape& land, const Ring& cell) {
    Random& random = site.random;
    double draw = random.uniform(0, 1);
    const auto is = [&](double share) {
        draw -= share;
        return draw < 0;
    };
    const double area = std::abs(signed_area(cell));
    if (land.pivots) return random.chance(0.85) ? irrigate(site, cell) : sow(site, cell);
    if (is(land.woods)) {
        site.plan.begin_land();
        return plant_wood(site, bent(site, cell));
    }
    if (is(land.water)) return flood(site, cell, area > 2e4 ? "lake" : "pond", random.uniform(0.5, 1));
    if (is(land.orchards)) return plant_orchard(site, cell);
    if (is(land.farms) && area > 900) return build_farm(site, cell);
    if (is(land.waste)) {
        Surface& waste = site.lay_land(Layer::land, cell, ground_look(site, Ground::weeds), 8 * site.gsd_m);
        waste.object = site.plan.add_object("meadow", waste.ring);
        const double size = std::max(1.5, 1.2 * site.gsd_m);
        return plant_trees(site, bent(site, cell), random.uniform(0, 0.15) * 1e4 / (size * size * 8), size,
                           2.2 * size);
    }
    if (is(land.strips)) {
        const Point along = longest_direction(cell);
        const double wide = std::max(6 * site.gsd_m, std::sqrt(area) * random.uniform(0.08, 0.3));
        for (const Ring& strip : sliced(random, cell, left_of(along), wide, 0.4)) sow(site, strip);
        return;
    }
    sow(site, cell);
}

void lay_roads(Site& site, const Landscape& land, const Subdivision& fields) {
    Random& random = site.random;
    const int land_id = site.plan.begin_land();
    const int object = site.plan.add_object("road", site.surroundings(0));
    const std::size_t main_roads = static_cast<std::size_t>(random.below(4));
    const double tracks = random.uniform(0, 0.3);
    const Paint asphalt = ground_look(site, Ground::asphalt);
    Paint dirt = ground_look(site, random.chance(0.5) ? Ground::dirt : Ground::gravel);
    dirt.first = varied(random, between(site.soil, material::pale_soil, 0.7), 0.2);
    for (std::size_t i = 0; i < fields.cuts.size(); ++i) {
        const bool main_road = i < main_roads;
        if (!main_road && !random.chance(tracks)) continue;
        const double half = main_road ? land.road / 2 : std::max(land.road * 0.3, 0.35 * site.gsd_m);
        const Path path = site.warp.bent(fields.cuts[i].from, fields.cuts[i].to, 8 * site.gsd_m);
        Surface& road = site.plan.paint(Layer::road, path.strip(-half, half), main_road ? asphalt : dirt,
                                        main_road || half > site.gsd_m ? object : mark_below);
        if (road.object == mark_below) road.land = road.part = mark_below;
        if (main_road && site.gsd_m < 1) put_cars_along(site, path, half, 0.04);
    }
    site.plan.land = mark_below;
    (void)land_id;
}

void dig_river(Site& site, const Ring& area) {
    Random& random = site.random;
    const double wide =
        std::max(4 * site.gsd_m, random.uniform(0.01, 0.08) * std::min(site.width_m, site.height_m));
    const double reach_m = random.uniform(2, 5) * wide, wave_m = random.uniform(14, 30) * wide;
    const Warp meanders(reach_m, wave_m, random.next());
    const Extent e = extent_in({site.centre(), {1, 0}, {0, 1}}, area);
    const double angle = random.uniform(0, M_PI), reach = std::max(e.u1, e.v1);
    const Point along{std::cos(angle), std::sin(angle)};
    const Point through = site.centre() + left_of(along) * (random.uniform(-0.4, 0.4) * site.width_m);
    const Path path =
        meanders.bent(through - along * reach, through + along * reach, std::max(2 * site.gsd_m, wide * 0.6));
    const Spectrum colour = random.chance(0.5) ? Spectrum{.13, .11, .08, .07} : material::green_water;
    Paint bank = ground_look(site, random.chance(0.5) ? Ground::sand : Ground::weeds);
    Surface& banks = site.plan.paint(Layer::bank, path.strip(-0.75 * wide, 0.7 * wide), bank);
    banks.object = no_mark;
    banks.land = site.plan.begin_land();
    site.plan.begin_land();
    site.plan.paint_object("river", Layer::water, path.strip(-wide / 2, wide / 2),
                           plain(varied(random, colour, 0.4), 0.03));
    site.plan.land = mark_below;
}

// Woods and lakes that keep to no field's borders.
void grow_over(Site& site, const Landscape& land) {
    Random& random = site.random;
    if (land.pivots || random.chance(0.4)) return;
    const int count = 1 + random.below(4);
    const bool lakes = random.chance(0.35);
    for (int i = 0; i < count; ++i) {
        Point p;
        p.x = random.uniform(0, site.width_m);
        p.y = random.uniform(0, site.height_m);
        const double radius_x = land.field * random.uniform(0.3, 1.4);
        const double radius_y = land.field * random.uniform(0.3, 1.4);
        const double angle = random.uniform(0, M_PI), waver = random.uniform(0.2, 0.8);
        const std::uint64_t shape = random.next();
        if (lakes) {
            flood(site, rectangle({p}, -radius_x, -radius_y, radius_x, radius_y), "lake", 1);
        } else {
            site.plan.begin_land();
            plant_wood(site, wavering_ellipse(p, radius_x, radius_y, angle, waver, 80, shape));
        }
    }
    site.plan.land = mark_below;
}

}  // namespace

void plan_farmland(Site& site) {
    Random& random = site.random;
    const Landscape land = draw_landscape(site);
    const double wave = land.field * (random.chance(0.3) ? random.uniform(1.2, 2.5) : random.uniform(2.5, 6));
    const double reach = wave * random.uniform(0, 0.16);
    site.warp = Warp(reach, wave, random.next());
    const Ground margins = land.pivots ? Ground::sand : random.chance(0.6) ? Ground::meadow : Ground::weeds;
    site.lay_ground(ground_look(site, margins));
    SubdivisionRule rule;
    rule.area = land.field * land.field;
    rule.spread = land.pivots ? 1.05 : random.uniform(1.2, 3);
    rule.slenderness = land.pivots ? 1 : random.uniform(1, 2.5);
    rule.slant = land.pivots ? 0 : random.uniform(0, 0.3);
    rule.off_centre = land.pivots ? 0 : 0.2;
    const Ring area = site.surroundings(land.field);
    const Subdivision fields = subdivided(random, area, rule);
    for (const Ring& whole : fields.cells) {
        if (!site.near_picture(whole, land.field * 0.6)) continue;
        const Ring cell = inset(whole, land.margin * random.uniform(0.3, 1.5));
        if (cell.empty() || std::abs(signed_area(cell)) < 30 * site.gsd_m * site.gsd_m) continue;
        use_cell(site, land, cell);
        plant_hedges(site, land, whole);
    }
    grow_over(site, land);
    if (random.chance(0.25)) dig_river(site, area);
    lay_roads(site, land, fields);
}

}  // namespace landseam::scene_maker
