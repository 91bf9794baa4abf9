#include "raster/local_metric.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace landseam::raster {
namespace {

constexpr double kRadians = 3.14159265358979323846 / 180;
constexpr double kHighestLatitude = 85;  // degrees
constexpr double kWidest = 0.5;          // degrees of longitude from the centre to a node

struct Form {
    double e = 0, f = 0, g = 0;
    double density() const { return std::sqrt(std::max(0.0, e * g - f * f)); }
};

// Slope of the parabola through three values a step apart, at the first, middle or last of them.
double slope(double a, double b, double c, int at, double step) {
    if (at == 0) return (-3 * a + 4 * b - c) / (2 * step);
    if (at == 2) return (3 * c - 4 * b + a) / (2 * step);
    return (c - a) / (2 * step);
}

Form form_at(const std::array<Point, 9>& nodes, int i, int j, double half, double radius, double flattening) {
    const auto node = [&](int column, int row) { return nodes[static_cast<std::size_t>(3 * row + column)]; };
    const Point left = node(0, j), middle = node(1, j), right = node(2, j);
    const Point first = node(i, 0), between = node(i, 1), last = node(i, 2);
    const double square = flattening * (2 - flattening);  // of the eccentricity
    const double sine = std::sin(node(i, j).y * kRadians), cosine = std::cos(node(i, j).y * kRadians);
    const double w = 1 - square * sine * sine;
    const double east = radius / std::sqrt(w) * cosine * kRadians;               // m a degree
    const double north = radius * (1 - square) / (w * std::sqrt(w)) * kRadians;  // m a degree
    const double east_x = east * slope(left.x, middle.x, right.x, i, half);
    const double north_x = north * slope(left.y, middle.y, right.y, i, half);
    const double east_y = east * slope(first.x, between.x, last.x, j, half);
    const double north_y = north * slope(first.y, between.y, last.y, j, half);
    return {east_x * east_x + north_x * north_x, east_x * east_y + north_x * north_y,
            east_y * east_y + north_y * north_y};
}

}  // namespace

std::optional<LocalMetric> LocalMetric::around(Point centre, double half, const std::array<Point, 9>& nodes,
                                               double radius, double flattening) {
    for (const Point& node : nodes)
        if (!(std::abs(node.y) <= kHighestLatitude && std::abs(node.x - nodes[4].x) <= kWidest)) return {};
    const auto form = [&](int i, int j) { return form_at(nodes, i, j, half, radius, flattening); };
    const Form middle = form(1, 1), left = form(0, 1), right = form(2, 1), first = form(1, 0),
               last = form(1, 2);
    const auto linear = [&](auto of) {
        return Linear{of(middle), (of(right) - of(left)) / (2 * half), (of(last) - of(first)) / (2 * half)};
    };
    LocalMetric metric;
    metric.centre_ = centre;
    metric.e_ = linear([](const Form& at) { return at.e; });
    metric.f_ = linear([](const Form& at) { return at.f; });
    metric.g_ = linear([](const Form& at) { return at.g; });
    metric.density_ = linear([](const Form& at) { return at.density(); });
    return metric;
}

// The area is the integral of the density: its value at the centre times the map's area, and its slopes times
// the first moments.
LocalMetric::Size LocalMetric::size(const Ring& ring) const {
    double perimeter = 0, area = 0, moment_x = 0, moment_y = 0;
    if (ring.size() < 3) return {};
    Point a{ring.back().x - centre_.x, ring.back().y - centre_.y};
    for (const Point& vertex : ring) {
        const Point b{vertex.x - centre_.x, vertex.y - centre_.y};
        const double dx = b.x - a.x, dy = b.y - a.y, x = 0.5 * (a.x + b.x), y = 0.5 * (a.y + b.y);
        perimeter += std::sqrt(e_.at(x, y) * dx * dx + 2 * f_.at(x, y) * dx * dy + g_.at(x, y) * dy * dy);
        const double cross = a.x * b.y - b.x * a.y;
        area += cross / 2;
        moment_x += cross * x / 3;
        moment_y += cross * y / 3;
        a = b;
    }
    return {std::abs(density_.value * area + density_.x * moment_x + density_.y * moment_y), perimeter};
}

}  // namespace landseam::raster
