#include "pipeline/seam_trace.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <utility>

namespace landseam::pipeline {
namespace {

constexpr std::int64_t on_line = 1;  // pixels from a line that still count as on it
constexpr std::int64_t near_line =
    6;                             // what lies between is counted nowhere: a model is unsure at a tile's edge
constexpr double straight = 0.01;  // pixels by which an edge may leave its row or column
constexpr std::int64_t largest_patch = 16;  // pixels, of SAM's encoders

struct Sum {
    double outline = 0, line = 0;  // pixels
    double density() const { return line > 0 ? outline / line : 0; }
};

// One axis of the scene: how much outline runs along each of its lines, and where tiles end.
class Axis {
public:
    Axis(std::int64_t length, std::int64_t line_length)
        : outline_(static_cast<std::size_t>(length) + 1),
          near_edge_(outline_.size()),
          line_length_(static_cast<double>(line_length)) {}

    // `scale`: the side of a pixel of the tile's level.
    void add_edge_of_tile(std::int64_t at, std::int64_t scale) {
        if (at <= 0 || at + 1 >= size()) return;
        edges_.emplace(at, scale);
        mark(near_edge_, at, near_line);
    }
    void add_outline(double at, double length) {
        const auto line = std::llround(at);
        if (line >= 0 && line < size()) outline_[static_cast<std::size_t>(line)] += length;
    }
    int edges() const {
        std::set<std::int64_t> places;
        for (const auto& [at, scale] : edges_) places.insert(at);
        return static_cast<int>(places.size());
    }
    // Adds what lies on the edges of tiles.
    void add_own(Sum& sum) const {
        std::vector<bool> lines(outline_.size());
        for (const auto& [at, scale] : edges_) mark(lines, at, on_line);
        add(lines, sum);
    }
    // Adds what lies where they would be with each level shifted by so many of its pixels, away from where
    // they are.
    void add_shifted(std::int64_t shift, std::int64_t stride, Sum& sum) const {
        std::vector<bool> lines(outline_.size());
        for (const auto& [at, scale] : edges_)
            for (const std::int64_t by : {shift, shift - stride}) mark(lines, at + by * scale, on_line);
        for (std::size_t line = 0; line < lines.size(); ++line)
            lines[line] = lines[line] && !near_edge_[line];
        add(lines, sum);
    }

private:
    std::int64_t size() const { return static_cast<std::int64_t>(outline_.size()); }

    static void mark(std::vector<bool>& lines, std::int64_t at, std::int64_t by) {
        const auto end = std::min(at + by + 1, static_cast<std::int64_t>(lines.size()));
        for (std::int64_t line = std::max<std::int64_t>(at - by, 0); line < end; ++line)
            lines[static_cast<std::size_t>(line)] = true;
    }
    void add(const std::vector<bool>& lines, Sum& sum) const {
        for (std::int64_t line = near_line; line < size() - near_line; ++line) {
            if (!lines[static_cast<std::size_t>(line)]) continue;
            sum.outline += outline_[static_cast<std::size_t>(line)];
            sum.line += line_length_;
        }
    }

    std::vector<double> outline_;  // pixels, by line 0 … length
    std::vector<bool> near_edge_;
    std::set<std::pair<std::int64_t, std::int64_t>> edges_;  // where, and the level's pixel
    double line_length_;
};

void add_ring(const Ring& ring, Axis& x, Axis& y) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point a = ring[i], b = ring[(i + 1) % ring.size()];
        if (std::abs(a.x - b.x) < straight)
            x.add_outline(a.x, std::abs(a.y - b.y));
        else if (std::abs(a.y - b.y) < straight)
            y.add_outline(a.y, std::abs(a.x - b.x));
    }
}

// Sets what lies elsewhere, and how much that differs from shift to shift.
void compare_with_shifted(const Axis& x, const Axis& y, std::int64_t stride, SeamReport& report) {
    const std::int64_t step = std::gcd(stride, largest_patch);
    Sum all;
    std::vector<Sum> by_shift;
    for (std::int64_t shift = step; shift < stride; shift += step) {
        Sum sum;
        x.add_shifted(shift, stride, sum);
        y.add_shifted(shift, stride, sum);
        if (sum.line == 0) continue;
        all.outline += sum.outline;
        all.line += sum.line;
        by_shift.push_back(sum);
    }
    report.elsewhere = all.density();
    double variance = 0;
    for (const Sum& sum : by_shift)
        variance += sum.line / all.line * std::pow(sum.density() - report.elsewhere, 2);
    report.deviation = std::sqrt(variance);
}

}  // namespace

SeamReport seam_trace(const std::vector<MultiPolygon>& outlines, const tiling::TilePyramid& tiles) {
    const PixelBox scene = tiles.scene();
    Axis x(scene.width, scene.height), y(scene.height, scene.width);
    std::int64_t scale = 1;
    for (const tiling::TileGrid& grid : tiles.grids()) {
        for (int column = 0; column < grid.columns(); ++column) {
            const PixelBox window = grid.tile(column).window;
            x.add_edge_of_tile(window.x, scale);
            x.add_edge_of_tile(window.right(), scale);
        }
        for (int row = 0; row < grid.rows(); ++row) {
            const PixelBox window = grid.tile(row * grid.columns()).window;
            y.add_edge_of_tile(window.y, scale);
            y.add_edge_of_tile(window.bottom(), scale);
        }
        scale *= 2;
    }
    for (const MultiPolygon& outline : outlines)
        for (const Polygon& polygon : outline) {
            add_ring(polygon.outer, x, y);
            for (const Ring& hole : polygon.holes) add_ring(hole, x, y);
        }
    SeamReport report;
    report.tile_lines = x.edges() + y.edges();
    Sum own;
    x.add_own(own);
    y.add_own(own);
    report.on_lines = own.density();
    compare_with_shifted(x, y, tiles.stride(), report);
    return report;
}

}  // namespace landseam::pipeline
