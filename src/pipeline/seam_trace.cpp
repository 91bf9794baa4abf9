#include "pipeline/seam_trace.h"

#include <cmath>
#include <map>
#include <set>

namespace landseam::pipeline {
namespace {

// Lines nearby that outlines are compared on: far enough for masks that end a pixel early, and at no
// multiple of the model's patches.
constexpr int shifts[] = {-13, -11, -7, -5, 5, 7, 11, 13};
constexpr double tolerance = 1e-3;

// Length of outline on each line of one axis: whole coordinates.
using Lengths = std::map<std::int64_t, double>;

void add_edge(double at, double other_end, double length, Lengths& lengths) {
    const double line = std::round(at);
    if (std::abs(at - line) <= tolerance && std::abs(other_end - line) <= tolerance)
        lengths[static_cast<std::int64_t>(line)] += length;
}

void add_ring(const Ring& ring, Lengths& along_x, Lengths& along_y) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point a = ring[i], b = ring[(i + 1) % ring.size()];
        add_edge(a.x, b.x, std::abs(b.y - a.y), along_x);
        add_edge(a.y, b.y, std::abs(b.x - a.x), along_y);
    }
}

void add_lines(const std::set<std::int64_t>& lines, const Lengths& lengths, SeamTrace& trace) {
    const auto length_on = [&](std::int64_t line) {
        const auto found = lengths.find(line);
        return found == lengths.end() ? 0 : found->second;
    };
    for (const std::int64_t line : lines) {
        double nearby = 0;
        int count = 0;
        for (const int shift : shifts) {
            if (lines.count(line + shift)) continue;
            nearby += length_on(line + shift);
            ++count;
        }
        if (count == 0) continue;
        trace.on_lines += length_on(line);
        trace.expected += nearby / count;
        ++trace.lines;
    }
}

}  // namespace

SeamTrace seam_trace(const std::vector<MultiPolygon>& outlines, const tiling::TileGrid& grid) {
    Lengths along_x, along_y;
    for (const MultiPolygon& outline : outlines)
        for (const Polygon& polygon : outline) {
            add_ring(polygon.outer, along_x, along_y);
            for (const Ring& hole : polygon.holes) add_ring(hole, along_x, along_y);
        }
    std::set<std::int64_t> columns, rows;
    const auto add_row_or_column = [&](int index) {
        const tiling::Tile tile = grid.tile(index);
        for (const PixelBox& box : {tile.window, tile.core}) {
            columns.insert({box.x, box.right()});
            rows.insert({box.y, box.bottom()});
        }
    };
    for (int column = 0; column < grid.columns(); ++column) add_row_or_column(column);
    for (int row = 0; row < grid.rows(); ++row) add_row_or_column(row * grid.columns());
    const PixelBox scene = grid.scene();
    for (const std::int64_t border : {scene.x, scene.right()}) columns.erase(border);
    for (const std::int64_t border : {scene.y, scene.bottom()}) rows.erase(border);
    SeamTrace trace;
    add_lines(columns, along_x, trace);
    add_lines(rows, along_y, trace);
    return trace;
}

}  // namespace landseam::pipeline
