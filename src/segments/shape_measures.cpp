#include "landseam/segments/segment_measures.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <opencv2/imgproc.hpp>

namespace landseam::segments {
namespace {

constexpr double pi = 3.14159265358979323846;

// Relative to `origin`, so that world coordinates keep their digits as floats.
std::vector<cv::Point2f> points_of(const Ring& ring, Point origin) {
    std::vector<cv::Point2f> points;
    for (const Point& p : ring)
        points.emplace_back(static_cast<float>(p.x - origin.x), static_cast<float>(p.y - origin.y));
    return points;
}

double smooth_length(const std::vector<cv::Point2f>& ring, double pixel) {
    std::vector<cv::Point2f> smooth;
    cv::approxPolyDP(ring, smooth, pixel, true);
    return cv::arcLength(smooth, true);
}

}  // namespace

std::vector<std::string> shape_measure_names() {
    return {"area",     "perimeter",  "length",        "width",         "compactness", "rectangularity",
            "solidity", "elongation", "direction_sin", "direction_cos", "holes"};
}

std::vector<float> measure_shape(const MultiPolygon& outline, double pixel) {
    std::vector<cv::Point2f> all;
    double perimeter = 0, filled = 0;
    const Point origin = outline.empty() || outline[0].outer.empty() ? Point{} : outline[0].outer[0];
    for (const Polygon& polygon : outline) {
        const std::vector<cv::Point2f> outer = points_of(polygon.outer, origin);
        all.insert(all.end(), outer.begin(), outer.end());
        perimeter += smooth_length(outer, pixel);
        for (const Ring& hole : polygon.holes) perimeter += smooth_length(points_of(hole, origin), pixel);
        filled += std::abs(signed_area(polygon.outer));
    }
    const double covered = area(outline);
    if (all.size() < 3 || !(covered > 0))
        return std::vector<float>(shape_measure_names().size(), std::numeric_limits<float>::quiet_NaN());
    std::vector<cv::Point2f> hull;
    cv::convexHull(all, hull);
    const cv::RotatedRect box = cv::minAreaRect(hull);
    const double length = std::max(box.size.width, box.size.height),
                 width = std::min(box.size.width, box.size.height);
    const double angle = (box.size.width >= box.size.height ? box.angle : box.angle + 90) * pi / 180;
    const auto share = [](double part, double whole) {
        return whole > 0 ? std::min(1.0, part / whole) : 0.0;
    };
    const double values[] = {covered,
                             perimeter,
                             length,
                             width,
                             share(4 * pi * covered, perimeter * perimeter),
                             share(covered, length * width),
                             share(covered, cv::contourArea(hull)),
                             length > 0 ? 1 - width / length : 0,
                             std::sin(2 * angle),
                             std::cos(2 * angle),
                             1 - share(covered, filled)};
    return {std::begin(values), std::end(values)};
}

}  // namespace landseam::segments
