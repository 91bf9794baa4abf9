#include "scene_maker/subdivision.h"

#include "scene_maker/noise.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

constexpr int most_cuts = 20000;  // a guard against rules that would never end

Point turned_by(Point p, double angle) {
    const double c = std::cos(angle), s = std::sin(angle);
    return {c * p.x - s * p.y, s * p.x + c * p.y};
}

// Where the line dot(normal, p) = limit enters and leaves a convex ring that it crosses.
Cut crossing(const Ring& ring, Point normal, double limit) {
    std::vector<Point> ends;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        const double a = dot(normal, ring[j]) - limit, b = dot(normal, ring[i]) - limit;
        if ((a > 0) != (b > 0)) ends.push_back(ring[j] + (ring[i] - ring[j]) * (a / (a - b)));
    }
    return ends.size() < 2 ? Cut{ring[0], ring[0]} : Cut{ends[0], ends[1]};
}

}  // namespace

Point longest_direction(const Ring& ring) {
    Point best{1, 0};
    double longest = 0;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        const double edge = length(ring[i] - ring[j]);
        if (edge > longest) {
            longest = edge;
            best = (ring[i] - ring[j]) * (1 / edge);
        }
    }
    return best;
}

Extent extent_in(const LocalFrame& frame, const Ring& ring) {
    Extent extent{1e300, 1e300, -1e300, -1e300};
    for (const Point& p : ring) {
        const Point away = p - frame.origin;
        extent.u0 = std::min(extent.u0, dot(frame.u, away));
        extent.u1 = std::max(extent.u1, dot(frame.u, away));
        extent.v0 = std::min(extent.v0, dot(frame.v, away));
        extent.v1 = std::max(extent.v1, dot(frame.v, away));
    }
    return extent;
}

Subdivision subdivided(Random& random, const Ring& convex, const SubdivisionRule& rule) {
    Subdivision result;
    // First in, first out: the first cuts go through the whole.
    std::vector<Ring> waiting{convex};
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        const Ring cell = waiting[i];
        const double limit = rule.area * std::pow(rule.spread, random.uniform(-1, 1));
        const double slant = random.uniform(-rule.slant, rule.slant);
        const double off = random.uniform(-rule.off_centre, rule.off_centre);
        if (std::abs(signed_area(cell)) < limit || i > most_cuts) {
            result.cells.push_back(cell);
            continue;
        }
        const Point along = longest_direction(cell);
        const LocalFrame frame{cell[0], along, left_of(along)};
        const Extent e = extent_in(frame, cell);
        const bool across = e.u1 - e.u0 > rule.slenderness * (e.v1 - e.v0);
        const Point normal = turned_by(across ? frame.u : frame.v, slant);
        const Point middle = frame.at((e.u0 + e.u1) / 2 + (across ? off * (e.u1 - e.u0) : 0),
                                      (e.v0 + e.v1) / 2 + (across ? 0 : off * (e.v1 - e.v0)));
        const double at = dot(normal, middle);
        result.cuts.push_back(crossing(cell, normal, at));
        for (Ring& part : clipped(cell, normal, at)) waiting.push_back(std::move(part));
        for (Ring& part : clipped(cell, normal * -1, -at)) waiting.push_back(std::move(part));
    }
    return result;
}

std::vector<Ring> sliced(Random& random, const Ring& convex, Point direction, double width, double spread) {
    const Extent e = extent_in({{0, 0}, direction, left_of(direction)}, convex);
    const int count = std::clamp(static_cast<int>((e.u1 - e.u0) / width + 0.5), 1, 500);
    const double step = (e.u1 - e.u0) / count;
    std::vector<Ring> slices;
    Ring rest = convex;
    for (int i = 1; i <= count && !rest.empty(); ++i) {
        const double at = e.u0 + step * (i + random.uniform(-0.5, 0.5) * spread);
        const std::vector<Ring> slice = i < count ? clipped(rest, direction, at) : std::vector<Ring>{rest};
        if (!slice.empty()) slices.push_back(slice[0]);
        const std::vector<Ring> beyond = clipped(rest, direction * -1, -at);
        rest = i < count && !beyond.empty() ? beyond[0] : Ring{};
    }
    return slices;
}

Ring inset(const Ring& convex, double margin) {
    const double turn = signed_area(convex) > 0 ? 1 : -1;
    Ring rest = convex;
    for (std::size_t i = 0, j = convex.size() - 1; i < convex.size(); j = i++) {
        if (length(convex[i] - convex[j]) < 1e-6) continue;
        const Point outward = left_of(unit(convex[i] - convex[j])) * -turn;
        const std::vector<Ring> parts = clipped(rest, outward, dot(outward, convex[i]) - margin);
        if (parts.empty()) return {};
        rest = parts[0];
    }
    return rest;
}

Box box_inside(const Ring& convex, Point direction) {
    const LocalFrame frame{centroid(convex), direction, left_of(direction)};
    const Extent e = extent_in(frame, convex);
    Box box{frame, 0, 0};
    for (double share = 1; share > 0.2; share -= 0.04) {
        const double u0 = e.u0 * share, u1 = e.u1 * share, v0 = e.v0 * share, v1 = e.v1 * share;
        const Ring corners = rectangle(frame, u0, v0, u1, v1);
        box = {frame.moved(u0, v0), u1 - u0, v1 - v0};
        // A little smaller, corners on an edge are inside.
        const Ring tested = scaled(corners, frame.origin, 0.999);
        if (std::all_of(tested.begin(), tested.end(), [&](Point p) { return contains(convex, p); })) break;
    }
    return box;
}

Point Warp::operator()(Point p) const {
    if (reach_ <= 0) return p;
    const double x = p.x / wave_, y = p.y / wave_;
    return {p.x + reach_ * layered_noise(x, y, 2, seed_), p.y + reach_ * layered_noise(x, y, 2, seed_ + 7)};
}

LocalFrame Warp::operator()(const LocalFrame& frame) const {
    constexpr double step_m = 0.5;
    const Point origin = (*this)(frame.origin);
    const Point u = unit((*this)(frame.origin + frame.u * step_m) - origin);
    // Frames may be mirrored.
    const double side = dot(frame.v, left_of(frame.u)) > 0 ? 1 : -1;
    return {origin, u, left_of(u) * side};
}

Ring Warp::bent(const Ring& ring, double step) const {
    if (reach_ <= 0) return ring;
    Ring result;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point a = ring[i], b = ring[(i + 1) % ring.size()];
        const int pieces = std::clamp(static_cast<int>(length(b - a) / step), 1, 60);
        for (int k = 0; k < pieces; ++k) result.push_back((*this)(a + (b - a) * (1.0 * k / pieces)));
    }
    return result;
}

Path Warp::bent(Point from, Point to, double step) const {
    const int pieces = std::clamp(static_cast<int>(length(to - from) / step), 1, 200);
    std::vector<Point> points;
    for (int k = 0; k <= pieces; ++k) points.push_back((*this)(from + (to - from) * (1.0 * k / pieces)));
    return Path(std::move(points));
}

}  // namespace landseam::scene_maker
