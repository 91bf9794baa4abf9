// Parcels: a house with its driveway, garden and what grows there.
#include "scene_maker/plan.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

using Parcel = Garden;

// Where the house stands on its parcel.
struct House {
    double u0 = 0, v0 = 0, length = 0, width = 0;
};

Paint lawn(Random& random) {
    Paint look;
    look.first = random.chance(0.25) ? material::meadow_grass : material::lush_grass;
    look.second = material::dry_grass;
    look.mix = random.uniform(0.0, 0.9);
    look.patch_m = random.uniform(4, 9);
    look.grain = 0.09;
    const double tint = random.uniform(0.75, 1.4);
    for (std::size_t i = 0; i < look.first.size(); ++i) look.first[i] *= tint, look.second[i] *= tint;
    if (random.chance(0.3)) {
        look.texture = Texture::swaths;
        look.spacing_m = 1.1;
    }
    return look;
}

Paint paved(Random& random) {
    const std::vector<Spectrum> covers{material::paving, material::concrete, material::asphalt,
                                       material::gravel, material::brick};
    Paint look;
    look.first = random.pick(covers);
    look.second = material::concrete;
    look.mix = 0.15;
    look.patch_m = 3;
    look.grain = 0.05;
    return look;
}

House place_house(Random& random, const Parcel& p) {
    constexpr double drive_side_m = 4.2, other_side_m = 1.6;
    House house;
    house.length = std::min(random.uniform(9, 14.5), p.width - drive_side_m - other_side_m);
    house.width = std::min(random.uniform(7.5, 11), 0.48 * p.depth);
    house.v0 = random.uniform(3.5, 6);
    const double slack = p.width - drive_side_m - other_side_m - house.length;
    house.u0 = other_side_m + random.uniform(0, 1) * slack;
    return house;
}

bool build_house(Plan& plan, Random& random, const Parcel& p, const House& house) {
    const Ring footprint =
        rectangle(p.frame, house.u0, house.v0, house.u0 + house.length, house.v0 + house.width);
    if (!plan.occupancy.free(footprint, Occupancy::road | Occupancy::building)) return false;
    const double draw = random.uniform(0, 1);
    RoofForm form = draw < 0.5    ? RoofForm::gable
                    : draw < 0.72 ? RoofForm::hip
                    : draw < 0.84 ? RoofForm::flat
                                  : RoofForm::angled;
    if (form == RoofForm::angled && (house.length < 10.5 || house.width < 8.5)) form = RoofForm::gable;
    BuildingSize size{house.length, house.width, random.uniform(3.0, 5.8)};
    if (form == RoofForm::flat) size.eaves = random.uniform(3.2, 6.5);
    LocalFrame frame = p.frame.moved(house.u0, house.v0);
    add_building(plan, random, frame, size, form, random_roof(random, p.style));
    return true;
}

void build_drive(Plan& plan, Random& random, const Parcel& p, const House& house) {
    const double u0 = p.width - 3.7, u1 = p.width - 0.7;
    const bool garage = random.chance(0.55);
    const double garage_v = house.v0 + random.uniform(1.5, 5);
    const double end = garage ? garage_v : house.v0 + random.uniform(2, 6);
    const Ring drive = rectangle(p.frame, u0 + 0.1, -p.pavement, u1 - 0.1, end);
    if (!plan.occupancy.free(rectangle(p.frame, u0, 0.2, u1, end + 6.3),
                             Occupancy::building | Occupancy::road))
        return;
    plan.paint_object("driveway", Layer::paved, drive, paved(random));
    plan.occupancy.add(rectangle(p.frame, u0, -p.pavement - 2.5, u1, end), Occupancy::driveway);
    if (garage) {
        const RoofForm form = random.chance(0.6) ? RoofForm::flat : RoofForm::gable;
        const double length = u1 - u0, width = random.uniform(5.6, 6.3);
        add_building(plan, random, p.frame.moved(u0, garage_v), {length, width, 2.5}, form,
                     random_roof(random, p.style));
    }
    if (random.chance(0.4) && end > 5.5) {
        LocalFrame car = p.frame.moved((u0 + u1) / 2, end - random.uniform(2.7, 3.0));
        car = random.chance(0.5) ? car.turned() : LocalFrame{car.origin, car.v * -1, car.u};
        add_car(plan, random, car);
    }
}

void lay_terrace_and_path(Plan& plan, Random& random, const Parcel& p, const House& house) {
    const double back = house.v0 + house.width;
    const double from = house.u0 + random.uniform(0, 0.4) * house.length;
    const double to = std::min(from + random.uniform(3.5, 6), house.u0 + house.length);
    const double terrace = random.uniform(2.2, 3.8);
    plan.paint(Layer::paved, rectangle(p.frame, from, back, to, back + terrace), paved(random));
    const double door = house.u0 + random.uniform(0.25, 0.6) * house.length;
    plan.paint(Layer::paved, rectangle(p.frame, door, 0, door + 1.2, house.v0), paved(random));
    // Shrubs along the front wall.
    for (double u = house.u0 + 0.8; u < house.u0 + house.length; u += 1.3)
        if (std::abs(u - door - 0.6) > 1.4 && random.chance(0.4))
            add_shrub(plan, random, p.frame.at(u, house.v0 - 0.8), random.uniform(0.4, 0.75));
}

void plant_hedges(Plan& plan, Random& random, const Parcel& p) {
    const double height = random.uniform(1.3, 2.2), thick = random.uniform(0.75, 1.4);
    const bool side = random.chance(0.45), rear = random.chance(0.6), front = random.chance(0.3);
    const auto plant = [&](const Ring& ring) {
        if (plan.occupancy.free(ring, Occupancy::building | Occupancy::road | Occupancy::driveway))
            add_hedge(plan, random, ring, height);
    };
    if (side) plant(rectangle(p.frame, 0.1, 3, 0.1 + thick, p.depth - 1.6));
    if (rear) plant(rectangle(p.frame, 0.4, p.depth - 0.1 - thick, p.width - 0.4, p.depth - 0.1));
    if (front) plant(rectangle(p.frame, 0.3, 0.25, p.width * 0.4, 0.25 + 0.8 * thick));
}

// One thing in the back garden: pool, vegetable bed or nothing.
void furnish_garden(Plan& plan, Random& random, const Parcel& p, double back) {
    const double room = p.depth - back - 2;
    if (room < 6) return;
    if (random.chance(0.6)) {
        const double length = random.uniform(2.6, 4.2), width = random.uniform(2.1, 3);
        const double u = random.chance(0.5) ? 1.6 : p.width - 1.6 - length;
        const LocalFrame frame = p.frame.moved(u, p.depth - 1.7 - width);
        if (plan.occupancy.free(rectangle(frame, 0, 0, length, width), Occupancy::building | Occupancy::road))
            add_shed(plan, random, frame, length, width);
    }
    const double u = p.width * random.uniform(0.3, 0.42), v = back + 3.9;
    if (room < 9) return;
    if (random.chance(p.pool_chance)) {
        Paint rim;
        rim.first = rim.second = material::concrete;
        Paint water;
        water.first = water.second = material::pool_water;
        water.grain = 0.03;
        const double length = random.uniform(6, 8), width = random.uniform(3, 3.8);
        plan.paint(Layer::paved, rectangle(p.frame, u - .7, v - .7, u + length + .7, v + width + .7), rim);
        const Ring pool = rectangle(p.frame, u, v, u + length, v + width);
        plan.paint_object("pool", Layer::kerb, pool, water);
        plan.occupancy.add(pool, Occupancy::water);
    } else if (random.chance(0.3)) {
        Paint bed;
        bed.first = material::leafy_crop;
        bed.second = material::damp_soil;
        bed.texture = Texture::rows;
        bed.spacing_m = 0.8;
        bed.mix = 0.4;
        bed.angle = std::atan2(p.frame.v.y, p.frame.v.x);
        plan.paint(Layer::paved, rectangle(p.frame, u, v, u + random.uniform(3, 6), v + 4), bed);
    }
}

// A border bed along one side of the back garden.
void dig_border(Plan& plan, Random& random, const Parcel& p, double back) {
    if (random.chance(0.5) || p.depth - back < 8) return;
    Paint bed;
    bed.first = material::damp_soil;
    bed.second = material::light_leaves;
    bed.mix = 0.5;
    bed.patch_m = 1.3;
    bed.grain = 0.2;
    const double thick = random.uniform(0.9, 1.8), from = random.uniform(back + 1, back + 4);
    const double u = random.chance(0.5) ? 1.3 : p.width - 1.3 - thick;
    plan.paint(Layer::paved, rectangle(p.frame, u, from, u + thick, p.depth - 2), bed);
    for (double v = from + 0.5; v < p.depth - 2.5; v += random.uniform(0.9, 2.6))
        add_shrub(plan, random, p.frame.at(u + thick / 2, v), random.uniform(0.35, 0.8));
}

void plant_garden(Plan& plan, Random& random, const Parcel& p, double back) {
    const int trees = 1 + random.below(6);
    for (int i = 0; i < trees; ++i) {
        const double radius = random.uniform(1.3, 2.5) + (random.chance(0.35) ? random.uniform(0.5, 2.2) : 0);
        const double u = random.uniform(1.5, p.width - 1.5);
        const bool in_front = random.chance(0.15);
        const double v =
            in_front ? random.uniform(1.5, 3) : random.uniform(back + 2, std::max(back + 2.5, p.depth - 1));
        const bool conifer = random.chance(0.22);
        add_tree(plan, random, p.frame.at(u, v), in_front ? std::min(radius, 1.9) : radius, conifer);
    }
    const int shrubs = 2 + random.below(9);
    for (int i = 0; i < shrubs; ++i) {
        const double u = random.chance(0.5) ? 1.2 : random.uniform(1, p.width - 1);
        const double v = random.uniform(back + 1, p.depth - 1);
        const double radius = random.uniform(0.45, 1.1);
        if (plan.occupancy.free(
                rectangle(p.frame, u - radius, v - radius, u + radius, v + radius),
                Occupancy::building | Occupancy::driveway | Occupancy::water | Occupancy::road))
            add_shrub(plan, random, p.frame.at(u, v), radius);
    }
}

bool claim(Plan& plan, const Parcel& p) {
    // Slack lets neighbours on a bend overlap a little.
    constexpr double slack_m = 0.5;
    const Ring box = rectangle(p.frame, slack_m, slack_m, p.width - slack_m, p.depth - slack_m);
    if (!plan.occupancy.free(box, Occupancy::road | Occupancy::parcel | Occupancy::water)) return false;
    plan.occupancy.add(box, Occupancy::parcel);
    return true;
}

}  // namespace

void build_garden(Plan& plan, Random& random, const Garden& p) {
    plan.paint(Layer::parcel, rectangle(p.frame, 0, 0, p.width, p.depth), lawn(random));
    if (random.chance(0.04)) return plant_garden(plan, random, p, 4);  // a plot not built on yet
    const House house = place_house(random, p);
    if (!build_house(plan, random, p, house)) return;
    build_drive(plan, random, p, house);
    lay_terrace_and_path(plan, random, p, house);
    plant_hedges(plan, random, p);
    furnish_garden(plan, random, p, house.v0 + house.width);
    dig_border(plan, random, p, house.v0 + house.width);
    plant_garden(plan, random, p, house.v0 + house.width);
}

void build_parcels(Plan& plan, Random& random, const Street& street, double side, double from, double to) {
    // Streets along blocks' short sides take less depth, which leaves room for those along the long sides.
    const bool crosses_blocks = street.crosses_blocks;
    for (double at = from; at < to;) {
        const double width = random.uniform(14.5, 20);
        bool built = false;
        for (const double full : {31.0, 28.0, 24.0, 20.0}) {
            const double depth = crosses_blocks ? full - 3 : full;
            if (at + width > to) break;
            Parcel p;
            p.frame = street.centre.at(at + width / 2, side).moved(-width / 2, street.reserve());
            if (random.chance(0.5)) p.frame = {p.frame.at(width, 0), p.frame.u * -1, p.frame.v};
            p.width = width;
            p.depth = depth;
            p.pavement = street.pavement;
            p.style = street.style;
            if (!claim(plan, p)) continue;
            built = true;
            build_garden(plan, random, p);
            break;
        }
        at += built ? width + random.uniform(0, 0.6) : 3;
    }
}

bool build_farm(Plan& plan, Random& random, const Street& street, double side, double at) {
    Parcel p;
    p.width = 52;
    p.depth = 40;
    p.pavement = street.pavement;
    p.frame = street.centre.at(at, side).moved(-p.width / 2, street.reserve() + 1);
    if (!claim(plan, p)) return false;
    plan.paint(Layer::parcel, rectangle(p.frame, 0, 0, p.width, p.depth), lawn(random));
    Paint yard;
    yard.first = material::concrete;
    yard.second = material::gravel;
    yard.mix = 0.45;
    yard.patch_m = 7;
    plan.paint(Layer::paved, rectangle(p.frame, 17, 10, 38, 36), yard);
    const Ring drive = rectangle(p.frame, 23, -p.pavement - 1, 28, 10);
    plan.paint_object("driveway", Layer::paved, drive, yard);
    plan.occupancy.add(rectangle(p.frame, 17, -2, 38, 36), Occupancy::driveway);

    Paint sheet;
    sheet.first = random.chance(0.5) ? material::grey_tile : material::sheet_metal;
    sheet.second = material::moss;
    sheet.mix = 0.08;
    sheet.grain = 0.04;
    const double barn_length = random.uniform(24, 30), barn_width = random.uniform(12, 14.5);
    add_building(plan, random, p.frame.moved(2, 8), {barn_width, barn_length, 4.5}, RoofForm::gable, sheet);
    const double hall_length = random.uniform(15, 20), hall_width = random.uniform(9, 11);
    add_building(plan, random, p.frame.moved(39, 14), {hall_width, hall_length, 4}, RoofForm::gable,
                 random_roof(random, 1));
    add_building(plan, random, p.frame.moved(31, 1.5), {12.5, 8, 4.2}, RoofForm::hip,
                 random_roof(random, p.style));
    const int trees = 4 + random.below(4);
    for (int i = 0; i < trees; ++i) {
        const double u = random.uniform(3, p.width - 3);
        const double radius = random.uniform(2.5, 4.8);
        add_tree(plan, random, p.frame.at(u, random.uniform(p.depth - 6, p.depth - 1)), radius, false);
    }
    for (int i = 0; i < 3; ++i) {
        const double u = random.uniform(20, 36), v = random.uniform(14, 34);
        LocalFrame car = p.frame.moved(u, v);
        add_car(plan, random, random.chance(0.5) ? car.turned() : car);
    }
    return true;
}

}  // namespace landseam::scene_maker
