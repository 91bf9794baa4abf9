#include "landseam/vectors/regularize.h"

#include "landseam/core/error.h"
#include "landseam/vectors/simplify.h"

#include "vectors/building_groups.h"
#include "vectors/rectilinear_fit.h"
#include "vectors/simplify_group.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <utility>

namespace landseam::vectors {
namespace {

constexpr double half_turn = 3.141592653589793;
constexpr std::size_t largest_group = 60;
constexpr double least_simplified_iou = 0.95;  // of what is only simplified with what it was

// One way to draw a group: the geometry of each member, and what it costs.
struct Drawing {
    std::vector<MultiPolygon> members;
    double direction = 0;
    double cost = 0;
    const char* status = "rectangular";
};

class GroupDrawer {
public:
    GroupDrawer(const Geos& geos, const std::vector<MultiPolygon>& buildings, const BuildingGroup& group,
                const RegularizeOptions& options)
        : geos_(geos), buildings_(buildings), group_(group), options_(options) {}

    // All that can be drawn, the cheapest first.
    std::vector<Drawing> drawings() const {
        std::vector<Drawing> all;
        std::vector<double> directions{group_.direction};
        if (group_.own_direction != group_.direction) directions.push_back(group_.own_direction);
        for (std::size_t d = 0; d < directions.size(); ++d)
            for (const double pixels : {0.8, 1.3, 2.0, 3.0, 4.5})
                for (const bool diagonals : {false, true}) {
                    if (diagonals && !options_.diagonals) continue;
                    FitOptions fit{directions[d], pixels * options_.resolution, options_.detail,
                                   options_.resolution / 3, diagonals};
                    auto drawing = draw(fit);
                    if (!drawing) continue;
                    // A common direction is worth something.
                    if (d > 0) drawing->cost = 1.15 * drawing->cost + 2 * price_of_a_vertex();
                    all.push_back(std::move(*drawing));
                }
        if (auto circle = draw_circle()) all.push_back(std::move(*circle));
        std::stable_sort(all.begin(), all.end(),
                         [](const Drawing& a, const Drawing& b) { return a.cost < b.cost; });
        return all;
    }

private:
    double price_of_a_vertex() const { return options_.detail * options_.detail / 4; }

    double difference(const GEOSGeometry* a, const GEOSGeometry* b) const {
        return geos_.area(geos_.checked(GEOSSymDifference_r(geos_.handle(), a, b), "a difference").get());
    }

    std::optional<Drawing> draw(const FitOptions& fit) const {
        MultiPolygon ground;
        for (const Polygon& polygon : group_.outline) {
            Polygon drawn{fit_ring(polygon.outer, fit), {}};
            if (drawn.outer.empty()) return std::nullopt;
            for (const Ring& hole : polygon.holes) {
                Ring fitted = fit_ring(hole, fit);
                drawn.holes.push_back(fitted.empty() ? hole : std::move(fitted));
            }
            ground.push_back(std::move(drawn));
        }
        if (!is_valid(ground)) return std::nullopt;
        const Geometry geometry = geos_.to_geos(ground);
        Drawing drawing;
        drawing.direction = fit.direction;
        const double moved = difference(geometry.get(), group_.ground.get());
        drawing.cost = moved + price_of_a_vertex() * static_cast<double>(vertex_count(ground));
        if (has_diagonals(ground, fit.direction)) drawing.status = "diagonal";
        if (group_.members.size() == 1) {
            drawing.members = {std::move(ground)};
            return drawing;
        }
        return with_walls(geometry.get(), moved, fit, drawing) ? std::optional(std::move(drawing))
                                                               : std::nullopt;
    }

    static bool has_diagonals(const MultiPolygon& polygons, double direction) {
        for (const Polygon& polygon : polygons)
            for (std::size_t i = 0, j = polygon.outer.size() - 1; i < polygon.outer.size(); j = i++) {
                const double angle = std::atan2(polygon.outer[i].y - polygon.outer[j].y,
                                                polygon.outer[i].x - polygon.outer[j].x);
                if (std::abs(std::sin(2 * (angle - direction))) > 0.5) return true;
            }
        return false;
    }

    // Cuts the ground along the walls; what lies between them belongs to the member that covers most of it.
    // `moved` is what the ground costs; walls that moved are counted once, not for either side.
    bool with_walls(const GEOSGeometry* ground, double moved, const FitOptions& fit, Drawing& drawing) const {
        const GEOSContextHandle_t handle = geos_.handle();
        std::vector<GEOSGeometry*> lines{
            geos_.checked(GEOSBoundary_r(handle, ground), "an outline").release()};
        for (const Ring& wall : group_.walls) {
            Ring fitted = fit_line(wall, fit);
            if (fitted.size() < 2) continue;
            drawing.cost += price_of_a_vertex() * static_cast<double>(fitted.size());
            lengthen(fitted);
            lines.push_back(line_to_geos(fitted).release());
        }
        const Geometry all =
            geos_.checked(GEOSGeom_createCollection_r(handle, GEOS_GEOMETRYCOLLECTION, lines.data(),
                                                      static_cast<unsigned>(lines.size())),
                          "a collection");
        const Geometry noded = geos_.checked(GEOSUnaryUnion_r(handle, all.get()), "noded walls");
        const GEOSGeometry* only = noded.get();
        const Geometry faces = geos_.checked(GEOSPolygonize_r(handle, &only, 1), "rooms between walls");
        std::vector<std::vector<GEOSGeometry*>> parts(group_.members.size());
        const int count = GEOSGetNumGeometries_r(handle, faces.get());
        std::vector<Geometry> own;
        for (const std::size_t i : group_.members) own.push_back(geos_.to_geos(buildings_[i]));
        for (int f = 0; f < count; ++f) {
            const GEOSGeometry* face = GEOSGetGeometryN_r(handle, faces.get(), f);
            const Geometry inside = geos_.checked(GEOSPointOnSurface_r(handle, face), "a point");
            if (GEOSIntersects_r(handle, ground, inside.get()) != 1) continue;
            std::size_t best = 0;
            double most = -1;
            for (std::size_t m = 0; m < own.size(); ++m) {
                const double shared = geos_.area(
                    geos_.checked(GEOSIntersection_r(handle, face, own[m].get()), "an intersection").get());
                if (shared > most) most = shared, best = m;
            }
            parts[best].push_back(GEOSGeom_clone_r(handle, face));
        }
        double moved_members = 0;
        for (std::size_t m = 0; m < parts.size(); ++m) {
            std::vector<GEOSGeometry*>& of_one = parts[m];
            const Geometry rooms =
                geos_.checked(GEOSGeom_createCollection_r(handle, GEOS_GEOMETRYCOLLECTION, of_one.data(),
                                                          static_cast<unsigned>(of_one.size())),
                              "a collection");
            const Geometry united = geos_.checked(GEOSUnaryUnion_r(handle, rooms.get()), "a union");
            moved_members += difference(united.get(), own[m].get());
            drawing.members.push_back(geos_.from_geos(united.get()));
        }
        drawing.cost += std::max(0.0, moved_members - moved) / 2;
        return std::none_of(drawing.members.begin(), drawing.members.end(),
                            [](const MultiPolygon& member) { return member.empty() || !is_valid(member); });
    }

    // A wall may end short of what it leans on; what reaches too far bounds no room and is dropped.
    void lengthen(Ring& line) const {
        const auto pull = [&](Point& end, const Point& before) {
            const double length = std::hypot(end.x - before.x, end.y - before.y);
            if (length == 0) return;
            const double by = (options_.max_shift + options_.resolution) / length;
            end = {end.x + by * (end.x - before.x), end.y + by * (end.y - before.y)};
        };
        pull(line.front(), line[1]);
        pull(line.back(), line[line.size() - 2]);
    }

    Geometry line_to_geos(const Ring& line) const {
        std::vector<double> values;
        for (const Point& p : line) values.insert(values.end(), {p.x, p.y});
        GEOSCoordSequence* sequence = GEOSCoordSeq_copyFromBuffer_r(geos_.handle(), values.data(),
                                                                    static_cast<unsigned>(line.size()), 0, 0);
        if (!sequence) geos_.fail("a wall");
        return geos_.checked(GEOSGeom_createLineString_r(geos_.handle(), sequence), "a wall");
    }

    std::optional<Drawing> draw_circle() const {
        if (!options_.circles || group_.members.size() > 1 || group_.outline.size() != 1 ||
            !group_.outline[0].holes.empty())
            return std::nullopt;
        const Geometry middle =
            geos_.checked(GEOSGetCentroid_r(geos_.handle(), group_.ground.get()), "a centre");
        Point centre;
        if (!GEOSGeomGetX_r(geos_.handle(), middle.get(), &centre.x) ||
            !GEOSGeomGetY_r(geos_.handle(), middle.get(), &centre.y))
            geos_.fail("a centre");
        constexpr int corners = 32;
        // Of the circle's area, not of its radius.
        const double radius =
            std::sqrt(2 * area(group_.outline) / (corners * std::sin(2 * half_turn / corners)));
        if (radius < 1.5 * options_.detail) return std::nullopt;
        Polygon circle;
        for (int i = 0; i < corners; ++i)
            circle.outer.push_back({centre.x + radius * std::cos(2 * half_turn * i / corners),
                                    centre.y + radius * std::sin(2 * half_turn * i / corners)});
        Drawing drawing;
        drawing.status = "circle";
        drawing.members = {{circle}};
        const double off = difference(geos_.to_geos({circle}).get(), group_.ground.get());
        if (off > 0.1 * area(group_.outline)) return std::nullopt;
        drawing.cost = off + 4 * price_of_a_vertex();
        return drawing;
    }

    const Geos& geos_;
    const std::vector<MultiPolygon>& buildings_;
    const BuildingGroup& group_;
    const RegularizeOptions& options_;
};

double angle_of_longer_side(const MultiPolygon& polygons, double direction) {
    double low[2] = {1e300, 1e300}, high[2] = {-1e300, -1e300};
    for (const Polygon& polygon : polygons)
        for (const Point& p : polygon.outer) {
            const double u[2] = {std::cos(direction) * p.x + std::sin(direction) * p.y,
                                 std::cos(direction) * p.y - std::sin(direction) * p.x};
            for (int k = 0; k < 2; ++k) low[k] = std::min(low[k], u[k]), high[k] = std::max(high[k], u[k]);
        }
    const bool along = high[0] - low[0] >= high[1] - low[1];
    double angle = std::fmod(direction + (along ? 0 : half_turn / 2), half_turn);
    if (angle < 0) angle += half_turn;
    return angle * 180 / half_turn;
}

struct Move {
    double iou = 0;
    double distance = 0;
};

Move move_between(const Geos& geos, const MultiPolygon& before, const MultiPolygon& after) {
    const Geometry a = geos.to_geos(before), b = geos.to_geos(after);
    const double shared =
        geos.area(geos.checked(GEOSIntersection_r(geos.handle(), a.get(), b.get()), "an intersection").get());
    Move move;
    move.iou = shared / (geos.area(a.get()) + geos.area(b.get()) - shared);
    const Geometry c = geos.checked(GEOSBoundary_r(geos.handle(), a.get()), "an outline");
    const Geometry d = geos.checked(GEOSBoundary_r(geos.handle(), b.get()), "an outline");
    if (!GEOSHausdorffDistance_r(geos.handle(), c.get(), d.get(), &move.distance)) geos.fail("a distance");
    return move;
}

std::string refusal(const Move& move, const RegularizeOptions& options) {
    char text[80] = "";
    if (move.iou < options.min_iou)
        std::snprintf(text, sizeof text, "IoU would be %.2f", move.iou);
    else if (move.distance > options.max_shift)
        std::snprintf(text, sizeof text, "would move by %.2f", move.distance);
    return text;
}

// The members without the steps of their pixels; false where that leaves too little of one as it was, or
// takes no vertex away.
bool simplify_members(const Geos& geos, const BuildingGroup& group, double tolerance,
                      const std::vector<MultiPolygon>& buildings, const std::string& reason,
                      const RegularizeOptions& options, std::vector<RegularBuilding>& result) {
    std::vector<const MultiPolygon*> before;
    for (const std::size_t i : group.members) before.push_back(&buildings[i]);
    std::vector<MultiPolygon> after = before.size() == 1
                                          ? std::vector<MultiPolygon>{simplify(*before.front(), tolerance)}
                                          : simplify_together(geos, before, tolerance);
    std::size_t vertices_before = 0, vertices_after = 0;
    std::vector<Move> moves;
    for (std::size_t m = 0; m < before.size(); ++m) {
        vertices_before += vertex_count(*before[m]);
        vertices_after += vertex_count(after[m]);
        if (after[m].empty() || !is_valid(after[m])) return false;
        moves.push_back(move_between(geos, *before[m], after[m]));
        if (!refusal(moves.back(), options).empty() || moves.back().iou < least_simplified_iou) return false;
    }
    if (vertices_after >= vertices_before) return false;
    for (std::size_t m = 0; m < before.size(); ++m) {
        RegularBuilding& building = result[group.members[m]];
        building.geometry = std::move(after[m]);
        building.iou = moves[m].iou;
        building.status = "simplified: " + reason;
    }
    return true;
}

// What cannot be squared up loses the steps of its pixels at least; walls stay shared.
void keep(const Geos& geos, const BuildingGroup& group, const std::vector<MultiPolygon>& buildings,
          const std::string& reason, const RegularizeOptions& options, std::vector<RegularBuilding>& result) {
    for (const std::size_t i : group.members)
        result[i] = {buildings[i], angle_of_longer_side(buildings[i], group.own_direction), 1,
                     "kept: " + reason};
    // Simplifying takes more off small outlines.
    for (const double share : {1.5, 1.0, 0.5, 0.25})
        if (simplify_members(geos, group, share * options.resolution, buildings, reason, options, result))
            return;
}

void square_up(const Geos& geos, const std::vector<MultiPolygon>& buildings, const BuildingGroup& group,
               const RegularizeOptions& options, std::vector<RegularBuilding>& result) {
    if (group.members.size() > largest_group)
        return keep(geos, group, buildings, "too many neighbours", options, result);
    std::string reason;
    for (const Drawing& drawing : GroupDrawer(geos, buildings, group, options).drawings()) {
        std::string refused;
        std::vector<RegularBuilding> drawn;
        for (std::size_t m = 0; m < group.members.size() && refused.empty(); ++m) {
            const Move move = move_between(geos, buildings[group.members[m]], drawing.members[m]);
            refused = refusal(move, options);
            const bool round = std::string(drawing.status) == "circle";
            drawn.push_back({drawing.members[m],
                             round ? 0 : angle_of_longer_side(drawing.members[m], drawing.direction),
                             move.iou, drawing.status});
        }
        if (refused.empty()) {
            for (std::size_t m = 0; m < group.members.size(); ++m)
                result[group.members[m]] = std::move(drawn[m]);
            return;
        }
        if (reason.empty()) reason = refused;
    }
    if (reason.empty())
        reason = area(group.outline) < 4 * options.detail * options.detail
                     ? "smaller than its details"
                     : "no valid outline of straight lines";
    keep(geos, group, buildings, reason, options, result);
}

}  // namespace

void RegularizeOptions::suit_pixels(double side) {
    resolution = side;
    detail = std::max(detail, 4 * side);
    max_shift = std::max(max_shift, 6 * side);
}

void RegularizeOptions::validate() const {
    const auto check = [](bool right, const std::string& what) {
        if (!right) throw Error("", what, "", ErrorKind::usage);
    };
    check(resolution > 0 && std::isfinite(resolution), "the resolution of outlines must be above 0");
    check(detail > 0 && std::isfinite(detail), "the smallest detail must be above 0");
    check(max_shift > 0 && std::isfinite(max_shift), "outlines must be allowed to move by more than 0");
    check(min_iou >= 0 && min_iou <= 1, "the least IoU must be from 0 to 1");
    check(align_distance >= 0 && align_angle >= 0 && align_angle <= 45,
          "neighbours are aligned within 0 to 45 degrees");
}

std::vector<RegularBuilding> regularize(const std::vector<MultiPolygon>& buildings,
                                        const RegularizeOptions& options, const ParallelFor& parallel_for) {
    options.validate();
    const Geos geos;
    std::vector<RegularBuilding> result(buildings.size());
    std::vector<BuildingGroup> groups = find_groups(geos, buildings, options);
    align_directions(groups, options);
    parallel_for(groups.size(), [&](std::size_t i) {
        const Geos own;  // a session with GEOS is for one thread
        square_up(own, buildings, groups[i], options, result);
    });
    return result;
}

}  // namespace landseam::vectors
