// Houses in gardens along bent streets.
#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

struct SuburbStyle {
    double street = 7, pavement = 1.8;
    double plot_area = 550;
    double pools = 0.1;
    double trees = 20;  // per hectare, more than gardens have anyway
    int roofs = 0;
};

// The plot's edge on the street, as a frame that looks into the plot; false if it has none.
bool street_front(const Ring& plot, const Ring& block, LocalFrame& front, double& width) {
    width = 0;
    const double turn = signed_area(plot) > 0 ? 1 : -1;
    for (std::size_t i = 0, j = plot.size() - 1; i < plot.size(); j = i++) {
        const double edge = length(plot[i] - plot[j]);
        const Point middle = (plot[i] + plot[j]) * 0.5;
        if (edge <= width) continue;
        const bool on_street = Path([&] {
                                   std::vector<Point> points(block.begin(), block.end());
                                   points.push_back(block[0]);
                                   return points;
                               }())
                                   .distance_to(middle) < 0.05;
        if (!on_street) continue;
        width = edge;
        const Point u = (plot[i] - plot[j]) * (1 / edge);
        front = {plot[j], u, left_of(u) * turn};
    }
    return width > 0;
}

void build_plot(Site& site, const SuburbStyle& style, const Ring& cell, const Ring& block) {
    Random& random = site.random;
    const bool lush = random.chance(0.8);
    site.lay_land(Layer::land, cell, ground_look(site, lush ? Ground::lawn : Ground::dirt), 5);
    const Ring plot = site.warp.bent(cell, 1e9);
    LocalFrame front;
    double width = 0;
    if (street_front(cell, block, front, width) && width > 11) {
        const Ring lot = inset(cell, 0.3);
        if (lot.empty()) return;
        const Extent e = extent_in(front, lot);
        Garden garden;
        garden.width = std::min(width - 0.6, 26.0);
        garden.depth = std::clamp(e.v1 * 0.9, 12.0, 45.0);
        garden.frame = site.warp(front.moved((width - garden.width) / 2, 0.3));
        if (random.chance(0.5))
            garden.frame = {garden.frame.at(garden.width, 0), garden.frame.u * -1, garden.frame.v};
        garden.pavement = style.pavement;
        garden.style = style.roofs;
        garden.pool_chance = style.pools;
        if (garden.width > 13 && std::abs(signed_area(cell)) > 260) {
            build_garden(site.plan, random, garden);
        } else {
            const Box box = box_inside(site.warp.bent(lot, 1e9), garden.frame.u);
            const double eaves = random.uniform(3, 6);
            add_house(site, box, HouseForm::gable, eaves, cover_look(site, Cover::tile));
        }
    }
    plant_trees(site, plot, style.trees, 1.5, 5.5);
}

void lay_park(Site& site, const Ring& block) {
    Random& random = site.random;
    Surface& park = site.lay_land(Layer::land, block, ground_look(site, Ground::meadow), 5);
    park.object = site.plan.add_object("park", block);
    const Ring ring = site.warp.bent(block, 5);
    const Box box = box_inside(site.warp.bent(block, 1e9), longest_direction(block));
    if (random.chance(0.4)) {
        const double angle = random.uniform(0, 3);
        const Ring shore =
            wavering_ellipse(box.centre(), box.length * 0.25, box.width * 0.3, angle, 0.3, 60, random.next());
        const Paint water = plain(varied(random, material::pond_water, 0.5), 0.03);
        Surface& pond = site.plan.paint_object("pond", Layer::water, shore, water);
        pond.land = site.plan.begin_land();
    } else if (random.chance(0.4)) {
        const LocalFrame f = box.frame.moved(box.length * 0.2, box.width * 0.2);
        const Ring pitch = rectangle(f, 0, 0, box.length * 0.6, box.width * 0.6);
        site.plan.paint_object("pitch", Layer::land_detail, pitch,
                               ground_look(site, random.chance(0.6) ? Ground::lawn : Ground::sand));
    } else if (random.chance(0.5)) {
        plant_wood(site, scaled(ring, centroid(ring), 0.95));
    }
    plant_trees(site, ring, random.uniform(10, 80), 1.5, 5.5);
}

}  // namespace

void plan_suburb(Site& site) {
    Random& random = site.random;
    SuburbStyle style;
    style.street = random.uniform(5.5, 9);
    style.pavement = random.chance(0.7) ? random.uniform(1, 2.5) : 0;
    style.plot_area = random.uniform(330, 1100);
    style.pools = random.chance(0.5) ? random.uniform(0.2, 0.9) : 0.03;
    style.trees = random.chance(0.6) ? random.uniform(0, 60) : random.uniform(60, 160);
    style.roofs = random.below(6);
    site.bend(26, 170, 260);
    Surface& road =
        site.lay_ground(ground_look(site, random.chance(0.85) ? Ground::asphalt : Ground::concrete));
    road.object = site.plan.add_object("road", road.ring);
    SubdivisionRule rule;
    rule.area = style.plot_area * random.uniform(10, 20);
    rule.slenderness = random.uniform(1.6, 2.2);
    const Subdivision blocks = subdivided(random, site.surroundings(70), rule);
    const double kerb = style.street / 2 + style.pavement;
    lay_lanes(site, blocks.cuts, style.street / 2, Ground::asphalt, random.chance(0.4));
    for (const Ring& cell : blocks.cells) {
        if (!site.near_picture(cell, 60)) continue;
        const Ring pavement = inset(cell, style.street / 2);
        const Ring block = inset(cell, kerb);
        if (block.empty()) continue;
        if (style.pavement > 0) {
            site.plan.land = 0;  // pavements are of the road's land
            site.plan.paint(Layer::pavement, site.warp.bent(pavement, 5), ground_look(site, Ground::concrete))
                .layer = Layer::ground;
        }
        if (random.chance(0.1)) {
            lay_park(site, block);
            continue;
        }
        // First along the middle, then across: plots have the street on one side and a neighbour on the
        // other.
        const Point along = longest_direction(block);
        const double deep = box_inside(block, along).width / 2;
        for (const Ring& row : sliced(random, block, left_of(along), deep, 0.1))
            for (const Ring& plot : sliced(random, row, along, style.plot_area / deep, 0.35))
                if (site.near_picture(site.warp.bent(plot, 1e9), 15)) build_plot(site, style, plot, block);
    }
    site.plan.land = mark_below;
    const double traffic = random.uniform(0.02, 0.3);
    for (const Cut& cut : blocks.cuts)
        put_cars_along(site, site.warp.bent(cut.from, cut.to, 6), style.street / 2, traffic);
}

}  // namespace landseam::scene_maker
