// The layout of a town edge: a bent main road, streets with houses on one side of it, open land on the other.
#include "scene_maker/noise.h"
#include "scene_maker/plan.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

// Town coordinates: s runs along the main road, d away from it (town at d > 0, land at d < 0). The road's
// bends shift what lies beside it, less and less with distance, so that cells of the (s, d) plane never fold
// over.
struct TownFrame {
    LocalFrame frame;
    double reach = 0;  // the plan covers [-reach, reach]² of (s, d)
    std::uint64_t seed = 0;

    double bend(double s) const {
        return 17 * value_noise(s / 105, 0.5, seed) + 3.5 * value_noise(s / 45, 1.5, seed + 1);
    }
    Point at(double s, double d) const { return frame.at(s, d + bend(s) * std::exp(-std::abs(d) / 170)); }

    Path along(double d, double s0, double s1) const { return path({s0, d}, {s1, d}); }
    Path across(double s, double d0, double d1) const { return path({s, d0}, {s, d1}); }
    Path path(Point from, Point to) const {
        constexpr double step_m = 5;
        const int steps = std::max(1, static_cast<int>(length(to - from) / step_m));
        std::vector<Point> points;
        for (int i = 0; i <= steps; ++i) {
            const Point p = from + (to - from) * (static_cast<double>(i) / steps);
            points.push_back(at(p.x, p.y));
        }
        return Path(std::move(points));
    }
};

TownFrame make_frame(const SceneOptions& options, Random& random) {
    TownFrame town;
    const double width = options.width * options.gsd_m, height = options.height * options.gsd_m;
    double angle = random.uniform(-0.45, 0.45);
    if (random.chance(0.5)) angle += M_PI;  // the town on the upper or the lower side
    town.frame.u = {std::cos(angle), std::sin(angle)};
    town.frame.v = left_of(town.frame.u);
    const double shift = random.uniform(0.02, 0.08) * std::min(width, height);
    town.frame.origin = Point{width / 2, height / 2} - town.frame.v * shift;
    town.reach = std::max(130.0, std::hypot(width, height) / 2 + shift + 60);
    town.seed = random.next();
    return town;
}

// Where the streets run, in town coordinates.
struct StreetPlan {
    std::vector<Street> streets;       // the main road first
    std::vector<double> cross_depths;  // of streets parallel to the main road
    double town_depth = 0;
};

StreetPlan plan_streets(const TownFrame& town, Random& random) {
    StreetPlan plan;
    const double reach = town.reach;
    Street main;
    main.centre = town.along(0, -reach, reach);
    main.half_width = 3.4;
    main.pavement = 2;
    main.main_road = main.crosses_blocks = true;
    main.style = random.below(6);
    plan.streets.push_back(main);

    plan.town_depth = std::min(reach, 420.0);
    for (double d = random.uniform(100, 125); d < plan.town_depth - 40; d += random.uniform(105, 135)) {
        plan.cross_depths.push_back(d);
        Street cross;
        cross.centre = town.along(d, -reach, reach);
        cross.crosses_blocks = true;
        cross.style = random.below(6);
        plan.streets.push_back(cross);
    }
    for (double s = -reach + random.uniform(10, 60); s < reach; s += random.uniform(66, 80)) {
        Street side;
        // Streets begin at the main road's edge; the bend of town coordinates curves them.
        const double lean = random.uniform(-0.04, 0.04);
        side.centre = town.path({s, main.half_width}, {s + lean * plan.town_depth, plan.town_depth});
        side.half_width = random.uniform(2.5, 3.0);
        side.pavement = random.uniform(1.4, 1.9);
        side.style = random.below(6);
        plan.streets.push_back(side);
    }
    return plan;
}

struct LandCell {
    Ring ring;
    double visible_area = 0;  // in the picture, square metres
    Point focus;              // amid what is visible; what a scene should show stands there
};

// A cell of the (s, d) plane, less a margin of rough grass; its sides lean
// by a share of their length.
LandCell make_cell(const TownFrame& town, double s0, double s1, double d0, double d1, double lean0,
                   double lean1, const SceneOptions& options) {
    constexpr double margin_m = 1.1, step_m = 6;
    s0 += margin_m, s1 -= margin_m, d0 -= margin_m, d1 += margin_m;
    LandCell cell;
    const auto walk = [&](Point from, Point to) {
        const int steps = std::max(1, static_cast<int>(length(to - from) / step_m));
        for (int i = 0; i < steps; ++i) {
            const Point p = from + (to - from) * (static_cast<double>(i) / steps);
            cell.ring.push_back(town.at(p.x, p.y));
        }
    };
    const double depth = d1 - d0;
    const Point a{s0, d0}, b{s1, d0}, c{s1 + lean1 * depth, d1}, d{s0 + lean0 * depth, d1};
    walk(a, b);
    walk(b, c);
    walk(c, d);
    walk(d, a);
    std::vector<Ring> parts{cell.ring};
    const auto clip = [&](Point normal, double limit) {
        std::vector<Ring> rest;
        for (const Ring& part : parts)
            for (Ring& piece : clipped(part, normal, limit)) rest.push_back(std::move(piece));
        parts = std::move(rest);
    };
    clip({1, 0}, options.width * options.gsd_m);
    clip({0, 1}, options.height * options.gsd_m);
    clip({-1, 0}, 0);
    clip({0, -1}, 0);
    double largest = 0;
    for (const Ring& part : parts) {
        const double area = std::abs(signed_area(part));
        cell.visible_area += area;
        if (area > largest) cell.focus = centroid(part);
        largest = std::max(largest, area);
    }
    return cell;
}

// The open land from d = first_d(s) on: rows of cells along the main road, a track between two of them.
struct OpenLand {
    std::vector<LandCell> cells;
    Path track;
};

OpenLand divide_land(const TownFrame& town, Random& random, double built_from, double built_to,
                     double built_depth, double verge_depth, const SceneOptions& options) {
    OpenLand land;
    const double reach = town.reach;
    const double track_s = built_to + 34, track_half_m = 1.8;
    std::vector<double> cuts{-reach, built_from, built_to, track_s, reach};
    std::sort(cuts.begin(), cuts.end());
    double row_start = 0;
    for (int row = 0; row_start > -reach; ++row) {
        const double row_end =
            (row == 0 ? -built_depth - random.uniform(52, 78) : row_start - random.uniform(70, 110));
        for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
            double lean0 = 0;
            for (double s = cuts[i]; s < cuts[i + 1] - 1;) {
                double next = s + random.uniform(48, 96);
                if (cuts[i + 1] - next < 34) next = cuts[i + 1];
                const double lean1 = next == cuts[i + 1] ? 0 : random.uniform(-0.15, 0.15);
                const bool built = s >= built_from && next <= built_to;
                const double d0 = row > 0 ? row_start : built ? -built_depth : -verge_depth;
                const double left = s == track_s ? s + track_half_m : s;
                const double right = next == track_s ? next - track_half_m : next;
                land.cells.push_back(make_cell(town, left, right, d0, row_end, lean0, lean1, options));
                s = next;
                lean0 = lean1;
            }
        }
        row_start = row_end;
    }
    land.track = town.path({track_s, -5}, {track_s, -reach});
    return land;
}

}  // namespace

Plan plan_town_edge(const SceneOptions& options) {
    Random random(options.seed);
    Plan plan(random.next());
    const TownFrame town = make_frame(options, random);
    const double far = town.reach * 3;

    Paint rough;
    rough.first = material::meadow_grass;
    rough.second = material::dry_grass;
    rough.mix = 0.45;
    rough.patch_m = 10;
    rough.grain = 0.12;
    plan.paint(Layer::ground, rectangle(town.frame, -far, -far, far, far), rough);

    const StreetPlan streets = plan_streets(town, random);
    for (const Street& street : streets.streets)
        plan.occupancy.add_path(street.centre, street.reserve(), Occupancy::road);
    paint_streets(plan, random, streets.streets);

    // Open land first, so that nothing is built on the track.
    const Street& main = streets.streets.front();
    const double built_from = random.uniform(-85, -45), built_to = random.uniform(25, 62);
    const double built_depth = main.reserve() + 45, verge_depth = main.reserve() + 3;
    const OpenLand land = divide_land(town, random, built_from, built_to, built_depth, verge_depth, options);
    paint_track(plan, land.track);

    for (std::size_t i = 0; i < streets.streets.size(); ++i) {
        const Street& street = streets.streets[i];
        const double length = street.centre.length();
        build_parcels(plan, random, street, 1, 2, length - 2);
        if (i > 0) build_parcels(plan, random, street, -1, 2, length - 2);
    }
    // A farm and houses on the land's side of the main road, where the cells leave room. Parcels stand square
    // to the road, so that where it bends their far ends lean sideways: hence the margins.
    const auto along_main = [&](double s) { return town.along(0, -town.reach, s).length(); };
    build_farm(plan, random, main, -1, along_main(built_to - 40));
    build_parcels(plan, random, main, -1, along_main(built_from + 12), along_main(built_to - 12));
    for (std::size_t i = 0; i < streets.streets.size(); ++i) park_cars(plan, random, streets.streets, i);

    // The cells that show most get the uses that a scene should have.
    std::vector<std::size_t> order(land.cells.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return land.cells[a].visible_area > land.cells[b].visible_area;
    });
    const std::vector<LandUse> wanted{LandUse::row_crop,   LandUse::pond_meadow, LandUse::ripe_cereal,
                                      LandUse::bare_soil,  LandUse::orchard,     LandUse::young_cereal,
                                      LandUse::vegetables, LandUse::wood,        LandUse::meadow};
    for (std::size_t i = 0; i < order.size(); ++i) {
        const LandCell& cell = land.cells[order[i]];
        const LandUse use = i < wanted.size() ? wanted[i] : random.pick(wanted);
        if (cell.visible_area > 0) farm_land(plan, random, cell.ring, cell.focus, use);
    }
    return plan;
}

}  // namespace landseam::scene_maker
