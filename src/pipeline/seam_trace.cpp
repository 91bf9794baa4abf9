#include "pipeline/seam_trace.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace landseam::pipeline {
namespace {

constexpr std::int64_t on_line = 1;  // pixels from a line that still count as on it
constexpr std::int64_t near_line =
    6;                             // what lies between is counted nowhere: a model is unsure at a tile's edge
constexpr double straight = 0.01;  // pixels by which an edge may leave its row or column

// One axis of the scene: how much outline runs along each of its lines, and which of those are edges of
// tiles, or would be if all tiles were shifted.
struct Axis {
    std::vector<double> outline;  // pixels, by line 0 … length
    std::vector<bool> edge, shifted_edge;

    explicit Axis(std::int64_t length)
        : outline(static_cast<std::size_t>(length) + 1),
          edge(static_cast<std::size_t>(length) + 1),
          shifted_edge(edge.size()) {}

    void add_edge_of_tile(std::int64_t at, std::int64_t shift) {
        const auto size = static_cast<std::int64_t>(edge.size());
        if (at <= 0 || at + 1 >= size) return;
        edge[static_cast<std::size_t>(at)] = true;
        for (const std::int64_t other : {at - shift, at + shift})
            if (other >= 0 && other < size) shifted_edge[static_cast<std::size_t>(other)] = true;
    }
    void add_outline(double at, double length) {
        const auto line = std::llround(at);
        if (line >= 0 && line < static_cast<std::int64_t>(outline.size()))
            outline[static_cast<std::size_t>(line)] += length;
    }
    // Adds up the outline on edges of tiles and on shifted ones away from them, and how many lines that is.
    void sum(double& on, std::int64_t& lines_on, double& off, std::int64_t& lines_off) const {
        const auto size = static_cast<std::int64_t>(edge.size());
        const auto within = [&](const std::vector<bool>& lines, std::int64_t line, std::int64_t by) {
            for (std::int64_t k = std::max<std::int64_t>(line - by, 0); k <= std::min(line + by, size - 1);
                 ++k)
                if (lines[static_cast<std::size_t>(k)]) return true;
            return false;
        };
        for (std::int64_t line = near_line; line < size - near_line; ++line) {
            const double length = outline[static_cast<std::size_t>(line)];
            if (within(edge, line, on_line)) {
                on += length;
                ++lines_on;
            } else if (within(shifted_edge, line, on_line) && !within(edge, line, near_line)) {
                off += length;
                ++lines_off;
            }
        }
    }
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

}  // namespace

SeamReport seam_trace(const std::vector<MultiPolygon>& outlines, const tiling::TilePyramid& tiles) {
    const PixelBox scene = tiles.scene();
    Axis x(scene.width), y(scene.height);
    const std::int64_t shift = tiles.stride() / 2;
    for (const tiling::TileGrid& grid : tiles.grids()) {
        for (int column = 0; column < grid.columns(); ++column) {
            const PixelBox window = grid.tile(column).window;
            x.add_edge_of_tile(window.x, shift);
            x.add_edge_of_tile(window.right(), shift);
        }
        for (int row = 0; row < grid.rows(); ++row) {
            const PixelBox window = grid.tile(row * grid.columns()).window;
            y.add_edge_of_tile(window.y, shift);
            y.add_edge_of_tile(window.bottom(), shift);
        }
    }
    for (const MultiPolygon& outline : outlines)
        for (const Polygon& polygon : outline) {
            add_ring(polygon.outer, x, y);
            for (const Ring& hole : polygon.holes) add_ring(hole, x, y);
        }
    double on = 0, off = 0, lines_on = 0, lines_off = 0;  // weighted by the lines' length
    SeamReport report;
    for (const auto& [axis, length] :
         {std::pair<const Axis*, std::int64_t>{&x, scene.height}, {&y, scene.width}}) {
        std::int64_t count_on = 0, count_off = 0;
        axis->sum(on, count_on, off, count_off);
        lines_on += static_cast<double>(count_on) * static_cast<double>(length);
        lines_off += static_cast<double>(count_off) * static_cast<double>(length);
        for (const bool edge : axis->edge) report.tile_lines += edge;
    }
    if (lines_on > 0) report.on_lines = on / lines_on;
    if (lines_off > 0) report.elsewhere = off / lines_off;
    return report;
}

}  // namespace landseam::pipeline
