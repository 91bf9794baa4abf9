#include "pipeline/match_plot.h"

#include "landseam/output/picture.h"
#include "landseam/output/quicklook.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace landseam::pipeline {
namespace {

using output::Color;
using vectors::EvaluatedObject;

// Okabe and Ito's colours, which the colour-blind can tell apart.
constexpr Color hit{0, 158, 115}, miss{213, 94, 0}, false_alarm{86, 180, 233}, found_outline{40, 40, 40};
constexpr double margin = 8;  // pixels left white at each side

struct Extent {
    double x0 = std::numeric_limits<double>::infinity(), y0 = x0, x1 = -x0, y1 = -x0;

    void add(const std::vector<EvaluatedObject>& objects) {
        for (const EvaluatedObject& object : objects)
            for (const Polygon& polygon : object.geometry)
                for (const Point& p : polygon.outer) {
                    x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
                    y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
                }
    }
};

MultiPolygon in_picture(MultiPolygon polygons, const Extent& extent, double scale) {
    const auto place = [&](Point& p) {
        p = {margin + (p.x - extent.x0) * scale, margin + (extent.y1 - p.y) * scale};
    };
    for (Polygon& polygon : polygons) {
        for (Point& p : polygon.outer) place(p);
        for (Ring& hole : polygon.holes)
            for (Point& p : hole) place(p);
    }
    return polygons;
}

}  // namespace

void draw_match_plot(const std::string& path, const std::vector<EvaluatedObject>& predicted,
                     const std::vector<EvaluatedObject>& truth, const vectors::Scores& scores, int size,
                     bool overwrite) {
    Extent extent;
    extent.add(predicted);
    extent.add(truth);
    const double width = extent.x1 - extent.x0, height = extent.y1 - extent.y0;
    const double longest = std::max(width, height);
    const double scale = longest > 0 ? (size - 2 * margin) / longest : 1;
    const auto side = [&](double length) {
        return std::clamp(static_cast<int>(std::ceil(length * scale + 2 * margin)), 1, size);
    };
    ImageU8 picture(longest >= 0 ? side(width) : size, longest >= 0 ? side(height) : size, 3);
    std::fill(picture.values.begin(), picture.values.end(), std::uint8_t{255});

    std::vector<MultiPolygon> filled, outlined;
    std::vector<Color> colors;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
        filled.push_back(in_picture(predicted[i].geometry, extent, scale));
        colors.push_back(scores.predicted_matched[i] ? hit : false_alarm);
    }
    for (std::size_t i = 0; i < truth.size(); ++i) {
        (scores.true_matched[i] ? outlined : filled).push_back(in_picture(truth[i].geometry, extent, scale));
        if (!scores.true_matched[i]) colors.push_back(miss);
    }
    output::OverlayStyle fills;
    fills.fill_opacity = 0.55;
    picture = output::draw_overlay(picture, filled, fills, colors);
    output::OverlayStyle lines;
    lines.fill_opacity = 0;
    picture =
        output::draw_overlay(picture, outlined, lines, std::vector<Color>(outlined.size(), found_outline));
    output::draw_legend(picture, {{hit, "hits " + std::to_string(scores.true_positives)},
                                  {miss, "misses " + std::to_string(scores.false_negatives)},
                                  {false_alarm, "false alarms " + std::to_string(scores.false_positives)},
                                  {found_outline, "true outlines of hits"}});
    output::write_png(path, picture, overwrite);
}

}  // namespace landseam::pipeline
