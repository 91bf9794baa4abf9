#include "landseam/core/interior_pixel.h"

#include "landseam/core/polygon_fill.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace landseam {
namespace {

// Squared distances are whole numbers, so that equal ones are equal.
using Squared = std::int64_t;

// Rows and columns of a mask's bounds with a border of one pixel, which is outside.
struct Field {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::vector<Squared> values;

    Squared& at(std::int64_t x, std::int64_t y) { return values[static_cast<std::size_t>(y * width + x)]; }
};

// Squared distances along each column to the nearest pixel outside.
Field column_distances(const RunMask& mask, const PixelBox& frame) {
    Field field{frame.width, frame.height, std::vector<Squared>(static_cast<std::size_t>(frame.area()), 0)};
    for (const Run& run : mask.runs())
        for (std::int64_t x = run.x_begin; x < run.x_end; ++x) field.at(x - frame.x, run.y - frame.y) = 1;
    for (std::int64_t y = 1; y < field.height; ++y)
        for (std::int64_t x = 0; x < field.width; ++x)
            if (field.at(x, y) != 0) field.at(x, y) = field.at(x, y - 1) + 1;
    for (std::int64_t y = field.height - 2; y >= 0; --y)
        for (std::int64_t x = 0; x < field.width; ++x)
            field.at(x, y) = std::min(field.at(x, y), field.at(x, y + 1) + 1);
    for (Squared& value : field.values) value *= value;
    return field;
}

// min over q of (x − q)² + f(q), for every x: the lower envelope of parabolas.
class RowTransform {
public:
    explicit RowTransform(std::int64_t width)
        : feet_(static_cast<std::size_t>(width)), begins_(static_cast<std::size_t>(width)) {}

    void operator()(const Squared* f, std::vector<Squared>& result) {
        const auto width = static_cast<std::int64_t>(result.size());
        std::size_t last = 0;
        feet_[0] = 0;
        begins_[0] = -std::numeric_limits<double>::infinity();
        for (std::int64_t q = 1; q < width; ++q) {
            while (meeting(f, feet_[last], q) <= begins_[last]) --last;
            begins_[last + 1] = meeting(f, feet_[last], q);
            feet_[++last] = q;
        }
        for (std::int64_t x = 0, k = 0; x < width; ++x) {
            while (static_cast<std::size_t>(k) < last && begins_[static_cast<std::size_t>(k) + 1] <= x) ++k;
            const std::int64_t foot = feet_[static_cast<std::size_t>(k)];
            result[static_cast<std::size_t>(x)] = (x - foot) * (x - foot) + f[foot];
        }
    }

private:
    // Where the parabola on q becomes lower than that on p < q.
    static double meeting(const Squared* f, std::int64_t p, std::int64_t q) {
        return static_cast<double>(f[q] + q * q - f[p] - p * p) / static_cast<double>(2 * (q - p));
    }

    std::vector<std::int64_t> feet_;
    std::vector<double> begins_;
};

Point centre_of_gravity(const RunMask& mask) {
    double sum_x = 0, sum_y = 0, count = 0;
    for (const Run& run : mask.runs()) {
        const double length = run.x_end - run.x_begin;
        sum_x += length * (run.x_begin + run.x_end - 1) / 2;
        sum_y += length * run.y;
        count += length;
    }
    return {sum_x / count, sum_y / count};
}

}  // namespace

std::optional<InteriorPixel> most_interior_pixel(const RunMask& mask) {
    if (mask.empty()) return {};
    const PixelBox bounds = mask.bounds();
    const PixelBox frame{bounds.x - 1, bounds.y - 1, bounds.width + 2, bounds.height + 2};
    Field field = column_distances(mask, frame);
    const Point centre = centre_of_gravity(mask);
    RowTransform transform(frame.width);
    std::vector<Squared> row(static_cast<std::size_t>(frame.width));
    InteriorPixel best;
    Squared deepest = 0;
    double nearest = 0;
    for (std::int64_t y = 0; y < frame.height; ++y) {
        transform(&field.at(0, y), row);
        for (std::int64_t x = 0; x < frame.width; ++x) {
            const Squared depth = row[static_cast<std::size_t>(x)];
            if (depth == 0 || depth < deepest) continue;
            const double dx = static_cast<double>(x + frame.x) - centre.x;
            const double dy = static_cast<double>(y + frame.y) - centre.y;
            const double distance = dx * dx + dy * dy;
            if (depth == deepest && distance >= nearest) continue;
            deepest = depth;
            nearest = distance;
            best = {static_cast<std::int32_t>(x + frame.x), static_cast<std::int32_t>(y + frame.y), 0};
        }
    }
    best.depth = std::sqrt(static_cast<double>(deepest));
    return best;
}

Point interior_place(const MultiPolygon& polygons, double side) {
    double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;
    for (const Polygon& polygon : polygons)
        for (const Point& p : polygon.outer) {
            x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
            y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
        }
    const double longest = std::max(x1 - x0, y1 - y0), scale = longest > 0 ? side / longest : 1;
    MultiPolygon reduced = polygons;
    const auto place = [&](Ring& ring) {
        for (Point& p : ring) p = {(p.x - x0) * scale, (p.y - y0) * scale};
    };
    for (Polygon& polygon : reduced) {
        place(polygon.outer);
        for (Ring& hole : polygon.holes) place(hole);
    }
    const auto whole = static_cast<std::int64_t>(std::ceil(side)) + 1;
    const auto pixel = most_interior_pixel(fill_polygons(reduced, {0, 0, whole, whole}));
    if (!pixel) return {(x0 + x1) / 2, (y0 + y1) / 2};
    return {x0 + (pixel->x + 0.5) / scale, y0 + (pixel->y + 0.5) / scale};
}

}  // namespace landseam
