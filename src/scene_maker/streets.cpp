// Streets, tracks and cars.
#include "scene_maker/plan.h"

#include <cmath>

namespace landseam::scene_maker {

namespace {

void paint_dashes(Plan& plan, const Street& street, const Paint& look) {
    constexpr double dash_m = 3, gap_m = 6, half_width_m = 0.08;
    for (double at = 1; at + dash_m < street.centre.length(); at += dash_m + gap_m)
        plan.paint(Layer::marking, street.centre.part(at, at + dash_m).strip(-half_width_m, half_width_m),
                   look);
}

}  // namespace

void paint_streets(Plan& plan, Random& random, const std::vector<Street>& streets) {
    constexpr double kerb_m = 0.22;
    for (const Street& street : streets) {
        Paint asphalt;
        asphalt.first = material::asphalt;
        asphalt.second = material::worn_asphalt;
        asphalt.mix = street.main_road ? 0.25 : random.uniform(0.35, 0.9);
        asphalt.patch_m = 14;
        asphalt.grain = 0.035;
        Paint slabs;
        slabs.first = material::paving;
        slabs.second = material::concrete;
        slabs.patch_m = 9;
        slabs.mix = random.uniform(0.1, 0.6);
        slabs.grain = 0.04;
        Paint kerb;
        kerb.first = kerb.second = material::kerbstone;
        const double half = street.half_width, reserve = street.reserve();
        plan.paint(Layer::pavement, street.centre.strip(-reserve, reserve), slabs);
        plan.paint(Layer::kerb, street.centre.strip(-half - kerb_m, half + kerb_m), kerb);
        plan.paint_object("road", Layer::road, street.centre.strip(-half, half), asphalt);
        // Wheels polish the asphalt: two lighter bands a lane.
        Paint worn = asphalt;
        worn.mix = asphalt.mix + 0.35;
        for (const double lane : {-half / 2, half / 2})
            for (const double wheel : {-0.75, 0.75})
                plan.paint(Layer::road, street.centre.strip(lane + wheel - 0.2, lane + wheel + 0.2), worn,
                           static_cast<int>(plan.objects().size()) - 1);
        Paint line;
        line.first = line.second = material::road_paint;
        line.grain = 0.15;
        if (street.main_road) paint_dashes(plan, street, line);
    }
}

void paint_track(Plan& plan, const Path& centre) {
    Paint wheels;
    wheels.first = material::dirt;
    wheels.second = material::gravel;
    wheels.mix = 0.4;
    wheels.grain = 0.12;
    Paint middle;
    middle.first = material::dry_grass;
    middle.second = material::dirt;
    middle.patch_m = 4;
    middle.mix = 0.35;
    const int object = plan.add_object("track", centre.strip(-1.5, 1.5));
    plan.paint(Layer::bank, centre.strip(-1.5, 1.5), wheels, object);
    plan.paint(Layer::bank, centre.strip(-0.35, 0.35), middle, object);
    plan.occupancy.add_path(centre, 1.7, Occupancy::road);
}

bool add_car(Plan& plan, Random& random, const LocalFrame& frame) {
    const double half_length = random.uniform(1.95, 2.35), half_width = random.uniform(0.86, 0.95);
    const Ring box = rectangle(frame, -half_length, -half_width, half_length, half_width);
    if (!plan.occupancy.free(box, Occupancy::car | Occupancy::building)) return false;
    plan.occupancy.add(
        rectangle(frame, -half_length - 0.5, -half_width - 0.3, half_length + 0.5, half_width + 0.3),
        Occupancy::car);
    const std::vector<Spectrum> colours{
        {.56, .56, .55, .55},    {.34, .34, .345, .34}, {.035, .035, .037, .05}, {.33, .035, .030, .36},
        {.035, .060, .200, .12}, {.13, .13, .135, .14}, {.48, .48, .47, .48},    {.05, .11, .06, .16}};
    Paint body;
    body.first = body.second = random.pick(colours);
    body.grain = 0.02;
    Paint window;
    window.first = window.second = material::glass;
    window.grain = 0.02;
    const double l = half_length, w = half_width;
    const Ring outline = mapped(frame, {{-l, -w + .3},
                                        {-l + .25, -w},
                                        {l - .5, -w},
                                        {l, -w + .45},
                                        {l, w - .45},
                                        {l - .5, w},
                                        {-l + .25, w},
                                        {-l, w - .3}});
    const int object = plan.add_object("car", outline);
    plan.paint(Layer::low, outline, body, object).base = 0.9;
    const auto add_upper = [&](double from, double to, double half, const Paint& look, double base) {
        Surface& upper = plan.paint(Layer::detail, rectangle(frame, from, -half, to, half), look, object);
        upper.base = base;
        upper.part = mark_below;
    };
    add_upper(-l + .35, l - 1.15, w - .14, window, 1.3);
    add_upper(-l + .85, l - 1.85, w - .16, body, 1.45);
    return true;
}

namespace {

bool at_junction(const std::vector<Street>& streets, std::size_t own, Point p) {
    for (std::size_t i = 0; i < streets.size(); ++i)
        if (i != own && streets[i].centre.distance_to(p) < streets[i].reserve() + 3.5) return true;
    return false;
}

}  // namespace

void park_cars(Plan& plan, Random& random, const std::vector<Street>& streets, std::size_t which) {
    const Street& street = streets[which];
    const double length = street.centre.length();
    for (const double side : {1.0, -1.0}) {
        for (double at = 4; at < length - 4;) {
            at += 5.4;
            // A stretch without cars now and then; more of them on side streets.
            if (random.chance(street.main_road ? 0.93 : 0.72)) {
                at += random.uniform(0, 16);
                continue;
            }
            if (at > length - 4) break;
            LocalFrame frame = street.centre.at(at, side);
            const double offset = street.main_road ? street.half_width / 2 : street.half_width - 1.1;
            frame.origin = frame.at(0, offset + random.uniform(-0.1, 0.1));
            frame.v = left_of(frame.u);
            if (side > 0) frame = {frame.origin, frame.u * -1, frame.v * -1};
            const double reach = 2.8;
            const Ring mouth = rectangle(frame, -reach, -1, reach, 1);
            if (plan.occupancy.free(mouth, Occupancy::driveway) && !at_junction(streets, which, frame.origin))
                add_car(plan, random, frame);
        }
    }
}

}  // namespace landseam::scene_maker
