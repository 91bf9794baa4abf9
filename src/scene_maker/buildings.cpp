// Buildings: footprints, roofs as planes, and what stands on them.
#include "scene_maker/plan.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

// A gabled block of a roof: the box [u0, u1] × [v0, v1] of its frame, ridge along u.
struct Block {
    LocalFrame frame;
    double u0, u1, v0, v1;
    double eaves;
    double pitch;  // rise over run

    double half() const { return (v1 - v0) / 2; }
    double middle() const { return (v0 + v1) / 2; }
    double ridge() const { return eaves + pitch * half(); }
};

constexpr double detail_lift_m = 0.02;  // keeps what lies on a roof above it

// A face that rises from `eaves_point` in direction `uphill`.
void paint_face(Plan& plan, const Ring& ring, const Paint& roof, int object, Point eaves_point, Point uphill,
                double eaves, double pitch) {
    Paint look = roof;
    look.angle = std::atan2(uphill.y, uphill.x);
    Surface& face = plan.paint(Layer::roof, ring, look, object);
    face.origin = eaves_point;
    face.slope = uphill * pitch;
    face.base = eaves;
}

void paint_ridge(Plan& plan, const Block& b, double u0, double u1, const Paint& roof, int object) {
    constexpr double half_width_m = 0.14;
    Paint look = roof;
    for (double& value : look.first) value = 0.65 * value + 0.06;
    look.second = look.first;
    const Ring ring = rectangle(b.frame, u0, b.middle() - half_width_m, u1, b.middle() + half_width_m);
    Surface& ridge = plan.paint(Layer::detail, ring, look, object);
    ridge.base = b.ridge() + detail_lift_m;
    ridge.part = mark_below;
}

void paint_gable(Plan& plan, const Block& b, const Paint& roof, int object) {
    const LocalFrame& f = b.frame;
    paint_face(plan, rectangle(f, b.u0, b.v0, b.u1, b.middle()), roof, object, f.at(b.u0, b.v0), f.v, b.eaves,
               b.pitch);
    paint_face(plan, rectangle(f, b.u0, b.middle(), b.u1, b.v1), roof, object, f.at(b.u0, b.v1), f.v * -1,
               b.eaves, b.pitch);
    paint_ridge(plan, b, b.u0, b.u1, roof, object);
}

void paint_hip(Plan& plan, const Block& b, const Paint& roof, int object) {
    const LocalFrame& f = b.frame;
    const double h = std::min(b.half(), (b.u1 - b.u0) / 2);
    const Point west = f.at(b.u0 + h, b.middle()), east = f.at(b.u1 - h, b.middle());
    const Point a = f.at(b.u0, b.v0), c = f.at(b.u1, b.v0), d = f.at(b.u1, b.v1), e = f.at(b.u0, b.v1);
    const double end_pitch = (b.ridge() - b.eaves) / h;
    paint_face(plan, {a, c, east, west}, roof, object, a, f.v, b.eaves, b.pitch);
    paint_face(plan, {e, west, east, d}, roof, object, e, f.v * -1, b.eaves, b.pitch);
    paint_face(plan, {a, west, e}, roof, object, a, f.u, b.eaves, end_pitch);
    paint_face(plan, {c, d, east}, roof, object, c, f.u * -1, b.eaves, end_pitch);
    paint_ridge(plan, b, b.u0 + h, b.u1 - h, roof, object);
}

void paint_flat(Plan& plan, Random& random, const Block& b, int object) {
    const std::vector<Spectrum> covers{material::roof_gravel, material::roof_felt, material::grey_tile,
                                       material::roof_gravel, material::white_membrane};
    Paint look;
    look.first = random.pick(covers);
    look.second = material::roof_felt;
    look.mix = 0.12;
    look.patch_m = 4;
    Paint edge;
    edge.first = edge.second = random.chance(0.5) ? material::sheet_metal : material::brown_tile;
    edge.grain = 0.03;
    constexpr double parapet_m = 0.35;
    plan.paint(Layer::roof, rectangle(b.frame, b.u0, b.v0, b.u1, b.v1), edge, object).base = b.eaves + 0.3;
    // The roof itself lies lower than its parapet, which is a frame: so it is painted as a detail, a little
    // higher.
    plan.paint(Layer::detail,
               rectangle(b.frame, b.u0 + parapet_m, b.v0 + parapet_m, b.u1 - parapet_m, b.v1 - parapet_m),
               look, object)
        .base = b.eaves + 0.3 + detail_lift_m;
    if (b.u1 - b.u0 < 7 || b.v1 - b.v0 < 6) return;
    const int boxes = 1 + random.below(3);
    Paint box;
    box.first = box.second = material::sheet_metal;
    for (int i = 0; i < boxes; ++i) {
        const double u = random.uniform(b.u0 + 1.5, b.u1 - 3), v = random.uniform(b.v0 + 1.5, b.v1 - 3);
        const double side = random.uniform(0.9, 1.5);
        plan.paint(Layer::detail, rectangle(b.frame, u, v, u + side, v + side), box, object).base =
            b.eaves + 1.3;
    }
}

void paint_chimney(Plan& plan, Random& random, const Block& b, int object) {
    const double u = random.uniform(b.u0 + 2, b.u1 - 2), v = b.middle() + random.uniform(-1.2, 0.6);
    Paint look;
    look.first = look.second = random.chance(0.6) ? material::brick : material::concrete;
    plan.paint(Layer::detail, rectangle(b.frame, u, v, u + 0.75, v + 0.65), look, object).base =
        b.ridge() + 0.9;
}

// A dormer window with a flat roof, halfway up the face at v0.
void paint_dormer(Plan& plan, const Block& b, double u, const Paint& roof, int object) {
    Paint look = roof;
    for (double& value : look.first) value *= 0.8;
    Surface& dormer =
        plan.paint(Layer::detail, rectangle(b.frame, u, b.v0 + 0.9, u + 2.2, b.middle() - 0.5), look, object);
    dormer.base = b.ridge() - 0.45;
    dormer.origin = b.frame.at(u, b.middle() - 0.5);
    dormer.slope = b.frame.v * 0.08;
}

// Solar panels or a roof window on the face at v0 (`front`) or v1.
void paint_on_face(Plan& plan, const Block& b, bool front, double u0, double u1, double up0, double up1,
                   const Paint& look, int object) {
    const double edge = front ? b.v0 : b.v1;
    const double sign = front ? 1 : -1;
    Paint turned = look;
    turned.angle = std::atan2(b.frame.u.y, b.frame.u.x);
    Surface& surface = plan.paint(
        Layer::detail, rectangle(b.frame, u0, edge + sign * up0, u1, edge + sign * up1), turned, object);
    surface.origin = b.frame.at(u0, edge);
    surface.slope = b.frame.v * (sign * b.pitch);
    surface.base = b.eaves + 0.1;
}

void furnish_roof(Plan& plan, Random& random, const Block& b, double free_u0, double free_u1,
                  const Paint& roof, int object) {
    const double room = free_u1 - free_u0;
    if (room < 3) return;
    if (b.half() > 2.5 && random.chance(0.7)) paint_chimney(plan, random, b, object);
    const bool front_is_south = b.frame.v.y < 0;  // the face at v0 rises along +v
    bool solar = false;
    if (b.half() > 2.8 && room > 4.5 && random.chance(0.28)) {
        Paint look;
        look.first = material::solar_cell;
        look.second = material::solar_frame;
        look.texture = Texture::cells;
        look.spacing_m = 1.05;
        look.grain = 0.02;
        look.mix = 0;
        const double span = std::floor(random.uniform(0.5, 0.85) * room / 1.05) * 1.05;
        const double start = free_u0 + random.uniform(0.2, room - span);
        const double rows = b.half() > 4.2 ? 3.1 : 1.8;
        paint_on_face(plan, b, front_is_south, start, start + span, 0.6, 0.6 + rows, look, object);
        solar = true;
    }
    if (b.half() > 3.3 && !(solar && front_is_south) && random.chance(0.3)) {
        const double u = random.uniform(free_u0 + 0.3, free_u1 - 2.5);
        paint_dormer(plan, b, u, roof, object);
        if (u + 5.5 < free_u1) paint_dormer(plan, b, u + 3.3, roof, object);
    }
    if (!(solar && !front_is_south) && random.chance(0.4)) {
        Paint look;
        look.first = look.second = material::glass;
        const double u = random.uniform(free_u0 + 0.5, free_u1 - 1.5);
        paint_on_face(plan, b, false, u, u + 0.9, b.half() * 0.4, b.half() * 0.4 + 1.2, look, object);
    }
}

}  // namespace

Paint random_roof(Random& random, int street_style) {
    const std::vector<Spectrum> covers{material::red_tile,    material::brown_tile, material::slate,
                                       material::orange_tile, material::grey_tile,  material::red_tile};
    const bool usual = random.chance(0.6);
    const int other = random.below(static_cast<int>(covers.size()));
    Paint look;
    look.first = covers[static_cast<std::size_t>(usual ? street_style : other) % covers.size()];
    const double age = random.uniform(0.8, 1.15);
    for (double& value : look.first) value *= age;
    look.second = material::moss;
    look.mix = random.uniform(0.0, 0.22);
    look.patch_m = 3;
    look.grain = 0.08;
    look.grain_m = 0.45;
    return look;
}

void add_building(Plan& plan, Random& random, const LocalFrame& frame, const BuildingSize& size,
                  RoofForm form, const Paint& roof) {
    const double pitch = size.pitch > 0 ? size.pitch : std::tan(random.uniform(30, 43) * M_PI / 180);
    // The ridge runs along the longer side.
    const bool along = size.length >= size.width;
    // Turned by a quarter, u runs along v and v against u.
    const LocalFrame turned{frame.at(size.length, 0), frame.v, frame.u * -1};
    const LocalFrame& f = along ? frame : turned;
    const double length = std::max(size.length, size.width), width = std::min(size.length, size.width);
    Ring outline = rectangle(f, 0, 0, length, width);
    plan.occupancy.add(outline, Occupancy::building);

    if (form != RoofForm::angled) {
        const Block block{f, 0, length, 0, width, size.eaves, pitch};
        const int object = plan.add_object("building", outline);
        if (form == RoofForm::flat) return paint_flat(plan, random, block, object);
        if (form == RoofForm::gable) paint_gable(plan, block, roof, object);
        if (form == RoofForm::hip) paint_hip(plan, block, roof, object);
        if (size.bare) return;
        const double inset = form == RoofForm::hip ? width / 2 : 0.8;
        return furnish_roof(plan, random, block, inset, length - inset, roof, object);
    }
    // The main block fills the near part of the box, the wing one end of the rest. The wing's gable runs on
    // to the main ridge, under the main roof where that is higher, which makes the valleys.
    const double main_width = width * 0.62;
    const double wing = std::min(0.85 * main_width, 0.48 * length);
    const bool at_start = random.chance(0.5);
    const double w0 = at_start ? 0 : length - wing, w1 = w0 + wing;
    outline =
        at_start
            ? mapped(f,
                     {{0, 0}, {length, 0}, {length, main_width}, {w1, main_width}, {w1, width}, {0, width}})
            : mapped(f,
                     {{0, 0}, {length, 0}, {length, width}, {w0, width}, {w0, main_width}, {0, main_width}});
    const int object = plan.add_object("building", outline);
    const Block main_block{f, 0, length, 0, main_width, size.eaves, pitch};
    paint_gable(plan, main_block, roof, object);
    const LocalFrame wing_frame{f.at(w1, 0), f.v, f.u * -1};
    const Block wing_block{wing_frame, main_width / 2, width, 0, wing, size.eaves, pitch};
    paint_gable(plan, wing_block, roof, object);
    if (size.bare) return;
    furnish_roof(plan, random, main_block, at_start ? wing : 0.8, at_start ? length - 0.8 : length - wing,
                 roof, object);
}

void add_shed(Plan& plan, Random& random, const LocalFrame& frame, double length, double width) {
    const std::vector<Spectrum> covers{material::roof_felt, material::timber, material::sheet_metal,
                                       material::grey_tile, material::brown_tile};
    Paint look;
    look.first = random.pick(covers);
    look.second = material::moss;
    look.mix = 0.1;
    look.patch_m = 1.5;
    const Ring outline = rectangle(frame, 0, 0, length, width);
    plan.occupancy.add(outline, Occupancy::building);
    Surface& roof = plan.paint_object("shed", Layer::roof, outline, look);
    roof.base = random.uniform(2.1, 2.6);
    roof.slope = frame.v * random.uniform(0.0, 0.15);
}

}  // namespace landseam::scene_maker
