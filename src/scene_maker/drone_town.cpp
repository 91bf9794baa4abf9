// A dense town as a drone sees it: roofs of every form close together, yards, lanes and what is left open.
#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

// What a town builds with; towns differ more than houses do.
struct TownStyle {
    std::vector<Cover> covers;
    std::vector<HouseForm> forms;
    double plot_area = 120;
    double setback = 0.4;
    double filled = 0.6;  // share of plots that a building fills to the edges
    double open = 0.15;   // share of blocks without houses
    double trees = 60;    // per hectare, on yards
    double walls = 0.4;
};

TownStyle draw_style(Random& random) {
    TownStyle style;
    const double draw = random.uniform(0, 1);
    if (draw < 0.35) {  // concrete houses with flat roofs
        style.covers = {Cover::concrete, Cover::concrete,    Cover::concrete,
                        Cover::tin,      Cover::painted_tin, Cover::membrane};
        style.forms = {HouseForm::flat, HouseForm::flat, HouseForm::flat, HouseForm::lean_to,
                       HouseForm::gable};
        style.plot_area = random.uniform(80, 220);
    } else if (draw < 0.65) {  // huts under tin
        style.covers = {Cover::tin, Cover::tin, Cover::tin, Cover::painted_tin, Cover::concrete};
        style.forms = {HouseForm::gable,   HouseForm::gable, HouseForm::lean_to,
                       HouseForm::lean_to, HouseForm::hip,   HouseForm::court};
        style.plot_area = random.uniform(40, 120);
        style.filled = 0.3;
    } else if (draw < 0.85) {  // an old town under tiles
        style.covers = {Cover::tile, Cover::tile, Cover::tile, Cover::tile, Cover::tin, Cover::felt};
        style.forms = {HouseForm::gable,  HouseForm::gable, HouseForm::hip,
                       HouseForm::angled, HouseForm::court, HouseForm::flat};
        style.plot_area = random.uniform(90, 260);
        style.filled = 0.15;
    } else {  // of everything
        style.covers = {Cover::tile,     Cover::tin,    Cover::painted_tin, Cover::concrete,
                        Cover::membrane, Cover::thatch, Cover::felt,        Cover::plastic};
        style.forms = {HouseForm::gable, HouseForm::hip,   HouseForm::angled, HouseForm::lean_to,
                       HouseForm::court, HouseForm::round, HouseForm::flat};
        style.plot_area = random.uniform(60, 250);
        style.filled = 0.3;
    }
    style.setback = random.uniform(0, 1.4);
    style.open = random.uniform(0.05, 0.35);
    style.trees = random.uniform(0, 160);
    style.walls = random.uniform(0, 0.8);
    return style;
}

void furnish_yard(Site& site, const TownStyle& style, const Ring& plot) {
    Random& random = site.random;
    if (random.chance(style.walls)) {
        const Paint wall =
            plain(varied(random, random.chance(0.5) ? material::concrete : material::brick, 0.3));
        const double thickness = random.uniform(0.18, 0.32), height = random.uniform(1.2, 2.4);
        if (site.gsd_m < 0.6) add_wall(site, plot, thickness, height, wall, mark_below, mark_below);
    }
    if (random.chance(0.3)) scatter_bushes(site, plot, random.uniform(100, 1500), 0.25, 0.8);
}

void build_on_plot(Site& site, const TownStyle& style, const Ring& plot) {
    Random& random = site.random;
    const Ring lot = inset(plot, random.chance(0.25) ? 0 : style.setback * random.uniform(0.3, 1.5));
    if (lot.empty() || std::abs(signed_area(lot)) < 8) return;
    const Paint look = cover_look(site, random.pick(style.covers));
    const int floors = 1 + random.below(random.chance(0.1) ? 6 : 4);
    const double eaves = 2.4 + 2.9 * (floors - 1) * random.uniform(0.4, 1) + random.uniform(0, 0.8);
    if (random.chance(style.filled) && lot.size() <= 6) {
        add_flat_roof(site, lot, eaves, look, random.uniform(0.2, 1.6));
        return;
    }
    Box box = box_inside(lot, longest_direction(lot));
    const double shrink = random.chance(0.5) ? random.uniform(0.55, 0.98) : 1;
    box.length *= shrink;
    if (random.chance(0.3)) box.width *= random.uniform(0.6, 1);
    // Only houses with some ground under them can have wings.
    HouseForm form = random.pick(style.forms);
    const double room = std::min(box.length, box.width);
    if (room < 7 && (form == HouseForm::court || form == HouseForm::angled)) form = HouseForm::gable;
    add_house(site, box, form, std::min(eaves, 7.0), look);
    if (shrink > 0.85) return;
    // An outhouse on what is left.
    const double rest = box.length / shrink - box.length;
    const Box annex{box.frame.moved(box.length + 0.3, 0), std::min(rest - 0.3, 4.0),
                    box.width * random.uniform(0.3, 0.9)};
    const Paint annex_look = cover_look(site, random.pick(style.covers));
    if (random.chance(0.6)) add_house(site, annex, HouseForm::lean_to, 2.2, annex_look);
}

Ground yard_ground(Random& random) {
    const std::vector<Ground> grounds{Ground::dirt,   Ground::dirt, Ground::concrete, Ground::weeds,
                                      Ground::gravel, Ground::lawn, Ground::rubble,   Ground::sand};
    return random.pick(grounds);
}

void build_block(Site& site, const TownStyle& style, const Ring& block) {
    Random& random = site.random;
    SubdivisionRule rule;
    rule.area = style.plot_area;
    rule.spread = random.uniform(1.1, 2.2);
    rule.slenderness = random.uniform(1.1, 1.9);
    rule.slant = 0.06;
    rule.off_centre = 0.12;
    const Ground usual = yard_ground(random);
    for (const Ring& cell : subdivided(random, block, rule).cells) {
        const Ring plot = site.warp.bent(cell, 1e9);
        if (!site.near_picture(plot, 15)) continue;
        const Ground ground = random.chance(0.6) ? usual : yard_ground(random);
        site.lay_land(Layer::parcel, cell, ground_look(site, ground), 3);
        furnish_yard(site, style, plot);
        if (!random.chance(0.08)) build_on_plot(site, style, plot);
        const double trees = style.trees * random.uniform(0, 1), largest = random.chance(0.2) ? 4.5 : 2.2;
        plant_trees(site, plot, trees, 0.7, largest);
        const LocalFrame car{centroid(plot), longest_direction(plot), left_of(longest_direction(plot))};
        if (random.chance(0.06)) put_car(site, car);
    }
}

// Gardens, fields, greenhouses or waste ground; one piece of land, or beds side by side.
void leave_open(Site& site, const Ring& block) {
    Random& random = site.random;
    const double draw = random.uniform(0, 1);
    const Ring ring = site.warp.bent(block, 1e9);
    if (draw < 0.45) {
        SubdivisionRule rule;
        rule.area = random.uniform(40, 250);
        rule.slenderness = random.uniform(1.5, 5);
        for (const Ring& cell : subdivided(random, block, rule).cells) {
            if (!site.near_picture(site.warp.bent(cell, 1e9), 5)) continue;
            const Ring bed = inset(cell, random.uniform(0.1, 0.5));
            if (bed.size() < 3) continue;
            const Point along = longest_direction(bed);
            const Paint look = crop_look(site, std::atan2(along.y, along.x));
            Surface& field = site.lay_land(Layer::parcel, bed, look, 3);
            field.object = site.plan.add_object("field", bed);
        }
        plant_trees(site, ring, random.uniform(0, 40), 0.8, 3);
        return;
    }
    const bool green = random.chance(0.5);
    site.lay_land(Layer::parcel, block, ground_look(site, green ? Ground::meadow : Ground::weeds), 3);
    if (draw < 0.6) return add_greenhouses(site, box_inside(ring, longest_direction(ring)));
    scatter_bushes(site, ring, random.uniform(0, 900), 0.25, 1.1);
    plant_trees(site, ring, random.uniform(0, 250), 0.9, 4);
    if (draw > 0.9) plant_wood(site, scaled(site.warp.bent(block, 3), centroid(ring), 0.93));
}

}  // namespace

void plan_drone_town(Site& site) {
    Random& random = site.random;
    const TownStyle style = draw_style(random);
    site.bend(5, 35, 80);
    const std::vector<Ground> lanes{Ground::asphalt, Ground::concrete, Ground::dirt, Ground::dirt,
                                    Ground::gravel};
    const Ground usual = random.pick(lanes);
    Surface& lane = site.lay_ground(ground_look(site, usual));
    lane.object = site.plan.add_object("road", lane.ring);
    SubdivisionRule rule;
    rule.area = style.plot_area * random.uniform(5, 14);
    rule.spread = 1.6;
    rule.slenderness = random.uniform(1, 2);
    rule.slant = random.uniform(0, 0.2);
    const Subdivision blocks = subdivided(random, site.surroundings(22), rule);
    const double lane_m = random.uniform(1.6, 5);
    lay_lanes(site, blocks.cuts, 0.6 * lane_m, random.chance(0.7) ? usual : random.pick(lanes), false);
    for (const Ring& cell : blocks.cells) {
        if (!site.near_picture(cell, 25)) continue;
        const Ring block = inset(cell, lane_m * random.uniform(0.3, 0.6));
        if (block.empty()) continue;
        if (random.chance(style.open))
            leave_open(site, block);
        else
            build_block(site, style, block);
    }
    site.plan.land = mark_below;
    const double traffic = lane_m > 3.2 ? random.uniform(0, 0.25) : 0;
    for (const Cut& cut : blocks.cuts)
        put_cars_along(site, site.warp.bent(cut.from, cut.to, 6), lane_m * 0.4, traffic);
}

}  // namespace landseam::scene_maker
