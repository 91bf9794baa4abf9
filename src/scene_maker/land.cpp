// Open land: fields, meadows, ponds, orchards and woods.
#include "scene_maker/plan.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

// The direction of the ring's longest edge, along which it is worked.
double working_angle(const Ring& ring) {
    double best = -1, angle = 0;
    // Vertices along bends are dense; an edge is what lies between corners, so neighbours of like direction
    // add up.
    for (std::size_t i = 0; i < ring.size(); ++i) {
        double sum = 0;
        const Point first = ring[(i + 1) % ring.size()] - ring[i];
        if (length(first) < 1e-9) continue;
        for (std::size_t j = i; j < i + ring.size(); ++j) {
            const Point edge = ring[(j + 1) % ring.size()] - ring[j % ring.size()];
            if (length(edge) > 1e-9 && dot(unit(first), unit(edge)) < 0.9) break;
            sum += length(edge);
        }
        if (sum > best) {
            best = sum;
            angle = std::atan2(first.y, first.x);
        }
    }
    return angle;
}

void limits(const Ring& ring, Point& low, Point& high) {
    low = high = ring[0];
    for (const Point& p : ring) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
}

double room_of(const Ring& ring) {
    Point low, high;
    limits(ring, low, high);
    return std::min(high.x - low.x, high.y - low.y);
}

Paint crop(Random& random, LandUse use) {
    Paint look;
    look.texture = Texture::rows;
    look.patch_m = 28;
    look.grain = 0.10;
    look.grain_m = 0.7;
    look.tramline_m = 21;
    if (use == LandUse::row_crop) {
        look.first = material::leafy_crop;
        look.second = random.chance(0.5) ? material::soil : material::damp_soil;
        look.mix = 0.42;
        look.spacing_m = random.uniform(1.1, 1.6);
        look.tramline_m = 0;
    } else if (use == LandUse::ripe_cereal) {
        look.first = material::ripe_cereal;
        look.second = material::tawny_cereal;
        look.mix = 0.45;
        look.spacing_m = 0.9;
    } else if (use == LandUse::young_cereal) {
        look.first = random.chance(0.2) ? material::rape : material::young_cereal;
        look.second = material::thin_cereal;
        look.mix = 0.3;
        look.spacing_m = 0.75;
    } else {
        look.texture = Texture::swaths;
        look.first = random.chance(0.5) ? material::soil : material::pale_soil;
        look.second = material::damp_soil;
        look.mix = 0.4;
        look.patch_m = 40;
        look.spacing_m = random.uniform(3, 4.5);
        if (random.chance(0.3)) look.first = material::stubble;
    }
    return look;
}

void sow_field(Plan& plan, Random& random, const Ring& cell, LandUse use) {
    const int object = plan.add_object("field", cell);
    Paint look = crop(random, use);
    look.angle = working_angle(cell);
    // The headland is driven over crosswise and grows thinner; the inner part is the field proper.
    Paint headland = look;
    headland.angle = look.angle + M_PI / 2;
    headland.mix = std::min(0.9, look.mix + 0.1);
    plan.paint(Layer::land, cell, headland, object);
    constexpr double headland_m = 8;
    const double inner = std::clamp(1 - 2 * headland_m / room_of(cell), 0.7, 0.93);
    plan.paint(Layer::land_detail, scaled(cell, centroid(cell), inner), look, object);
}

// Long beds of different vegetables side by side; each bed is a field.
void plant_vegetables(Plan& plan, Random& random, const Ring& cell) {
    const double angle = working_angle(cell);
    const Point along{std::cos(angle), std::sin(angle)}, across = left_of(along);
    double low = 1e300, high = -1e300;
    for (const Point& p : cell) {
        low = std::min(low, dot(across, p));
        high = std::max(high, dot(across, p));
    }
    const std::vector<Spectrum> crops{material::leafy_crop, material::young_cereal, material::thin_cereal,
                                      material::soil,       material::light_leaves, material::damp_soil};
    int last = -1;
    for (double at = low; at < high;) {
        const double width = random.uniform(9, 17);
        int kind = random.below(static_cast<int>(crops.size()));
        if (kind == last) kind = (kind + 1) % static_cast<int>(crops.size());
        last = kind;
        Paint look;
        look.texture = Texture::rows;
        look.angle = angle;
        look.first = crops[static_cast<std::size_t>(kind)];
        look.second = material::soil;
        look.mix = random.uniform(0.25, 0.5);
        look.spacing_m = random.uniform(0.9, 1.7);
        for (const Ring& upper : clipped(cell, across, at + width - 0.8))
            for (const Ring& bed : clipped(upper, across * -1, -at))
                if (std::abs(signed_area(bed)) > 40) plan.paint_object("field", Layer::land, bed, look);
        at += width;
    }
}

Paint meadow_paint(Random& random, const Ring& cell) {
    Paint look;
    look.first = material::meadow_grass;
    look.second = random.chance(0.4) ? material::hay : material::dry_grass;
    look.mix = random.uniform(0.15, 0.4);
    look.patch_m = 18;
    look.grain = 0.12;
    look.grain_m = 0.8;
    if (random.chance(0.6)) {
        look.texture = Texture::swaths;
        look.spacing_m = random.uniform(2.8, 4);
        look.angle = working_angle(cell);
    }
    return look;
}

void scatter_trees(Plan& plan, Random& random, const Ring& cell, int count) {
    Point low, high;
    limits(cell, low, high);
    for (int i = 0; i < count; ++i) {
        Point p;
        p.x = random.uniform(low.x, high.x);
        p.y = random.uniform(low.y, high.y);
        const double radius = random.uniform(2.2, 5.2);
        if (contains(cell, p)) add_tree(plan, random, p, radius, random.chance(0.1));
    }
}

void dig_pond(Plan& plan, Random& random, Point centre, double room) {
    const double radius = std::min(random.uniform(12, 16), 0.32 * room);
    const double squash = random.uniform(0.6, 0.85), angle = random.uniform(0, M_PI);
    const std::uint64_t seed = random.next();
    const Ring shore = wavering_ellipse(centre, radius, radius * squash, angle, 0.28, 72, seed);
    Paint bank;
    bank.first = material::reed;
    bank.second = material::meadow_grass;
    bank.mix = 0.45;
    bank.patch_m = 3;
    bank.grain = 0.2;
    plan.paint(Layer::land_detail, scaled(shore, centre, 1.13), bank);
    bank.first = material::mud;
    bank.second = material::reed;
    plan.paint(Layer::bank, scaled(shore, centre, 1.035), bank);
    Paint water;
    water.first = material::pond_water;
    water.second = material::green_water;
    water.patch_m = 11;
    water.grain = 0.015;
    plan.paint_object("pond", Layer::water, shore, water);
    plan.occupancy.add(shore, Occupancy::water);
    // Trees on one side, so that the other shore stays open.
    const double start = random.uniform(0, 2 * M_PI);
    for (double turn = start; turn < start + 2.4; turn += random.uniform(0.25, 0.7)) {
        const double distance = 1.2 * radius + random.uniform(3, 6);
        const double size = random.uniform(2.2, 4.2);
        add_tree(plan, random, centre + Point{std::cos(turn), std::sin(turn)} * distance, size, false);
    }
}

void plant_orchard(Plan& plan, Random& random, const Ring& cell) {
    const double angle = working_angle(cell);
    const LocalFrame frame{
        centroid(cell), {std::cos(angle), std::sin(angle)}, {-std::sin(angle), std::cos(angle)}};
    const Ring inner = scaled(cell, frame.origin, 0.93);
    const double row = random.uniform(6.5, 8), step = random.uniform(5, 6);
    for (int j = -30; j <= 30; ++j) {
        for (int i = -40; i <= 40; ++i) {
            const double du = random.uniform(-0.3, 0.3), dv = random.uniform(-0.3, 0.3);
            const Point p = frame.at(i * step + du, j * row + dv);
            const double radius = random.uniform(1.5, 2.2);
            const bool stands = random.chance(0.93);
            if (stands && contains(inner, p)) add_tree(plan, random, p, radius, false);
        }
    }
}

}  // namespace

void farm_land(Plan& plan, Random& random, const Ring& cell, Point focus, LandUse use) {
    switch (use) {
        case LandUse::row_crop:
        case LandUse::ripe_cereal:
        case LandUse::young_cereal:
        case LandUse::bare_soil:
            return sow_field(plan, random, cell, use);
        case LandUse::vegetables:
            return plant_vegetables(plan, random, cell);
        case LandUse::meadow:
            plan.paint_object("meadow", Layer::land, cell, meadow_paint(random, cell));
            return scatter_trees(plan, random, cell, random.below(7));
        case LandUse::pond_meadow:
            plan.paint_object("meadow", Layer::land, cell, meadow_paint(random, cell));
            dig_pond(plan, random, focus, room_of(cell));
            return scatter_trees(plan, random, cell, 5);
        case LandUse::orchard:
            plan.paint_object("orchard", Layer::land, cell, meadow_paint(random, cell));
            return plant_orchard(plan, random, cell);
        case LandUse::wood:
            return add_wood(plan, random, scaled(cell, centroid(cell), 0.97));
    }
}

}  // namespace landseam::scene_maker
