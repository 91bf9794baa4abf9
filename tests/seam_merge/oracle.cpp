#include "seam_merge/oracle.h"

#include "seam_merge/run_parts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace landseam::seam_merge {
namespace {

constexpr double pi = 3.14159265358979;

class Painter {
public:
    Painter(LabelMap& map, unsigned seed) : map_(map), random_(seed) {}

    double uniform(double from, double to) {
        return std::uniform_real_distribution<double>(from, to)(random_);
    }

    // A new object: the pixels of the square around (x, y) where inside(dx, dy) holds.
    void paint(double x, double y, double radius, const std::function<bool(double, double)>& inside) {
        const int label = ++map_.objects;
        const int x0 = std::max(0, static_cast<int>(x - radius)),
                  y0 = std::max(0, static_cast<int>(y - radius));
        const int x1 = std::min(map_.width - 1, static_cast<int>(x + radius));
        const int y1 = std::min(map_.height - 1, static_cast<int>(y + radius));
        for (int row = y0; row <= y1; ++row)
            for (int column = x0; column <= x1; ++column)
                if (inside(column - x, row - y)) map_.labels[row * map_.width + column] = label;
    }

    void field(int cell, int column, int row) {
        const double half = cell / 2.0;
        paint(column * cell + half, row * cell + half, half,
              [&](double dx, double dy) { return std::abs(dx) <= half && std::abs(dy) <= half; });
    }
    void blob(double x, double y, double radius) {
        const double p = uniform(0, 2 * pi), q = uniform(0, 2 * pi);
        paint(x, y, 1.4 * radius, [&](double dx, double dy) {
            const double angle = std::atan2(dy, dx);
            return std::hypot(dx, dy) <=
                   radius * (1 + 0.2 * std::sin(2 * angle + p) + 0.15 * std::sin(5 * angle + q));
        });
    }
    void ring(double x, double y, double outer, double inner) {
        paint(x, y, outer, [&](double dx, double dy) {
            const double distance = std::hypot(dx, dy);
            return distance <= outer && distance >= inner;
        });
    }
    void spiral(double x, double y, double radius, double pitch) {
        paint(x, y, radius, [&](double dx, double dy) {
            const double distance = std::hypot(dx, dy);
            const double turn = distance / pitch - std::atan2(dy, dx) / (2 * pi);
            return distance <= radius && turn - std::floor(turn) < 0.5;
        });
    }
    void comb(double x, double y, double radius, double tooth) {
        paint(x, y, radius, [&](double dx, double dy) {
            return dy < tooth - radius || std::fmod(dx + radius, 2 * tooth) < tooth;
        });
    }
    void river(double y, double width) {
        const double sway = uniform(0.2, 0.3) * map_.height, phase = uniform(0, 2 * pi);
        paint(0, y, std::max(map_.width, map_.height), [&](double dx, double dy) {
            return std::abs(dy - sway * std::sin(3 * pi * dx / map_.width + phase)) <= width;
        });
    }
    void roads(double spacing, double width) {
        paint(0, 0, std::max(map_.width, map_.height), [&](double x, double y) {
            return std::fmod(x + 0.3 * y + spacing, spacing) < width ||
                   std::fmod(y + 2 * map_.width - 0.2 * x, spacing) < width;
        });
    }
    void pixel() {
        paint(std::floor(uniform(0, map_.width)), std::floor(uniform(0, map_.height)), 0.5,
              [](double, double) { return true; });
    }

private:
    LabelMap& map_;
    std::mt19937 random_;
};

// The connected areas of one value in `labels` (0 excepted), as pieces of `frame`, in the order of first
// pixels.
struct Area {
    int label = 0;
    std::vector<std::pair<int, int>> pixels;  // x, y in the frame
};

std::vector<Area> connected_areas(const LabelMap& map, const PixelBox& frame) {
    std::vector<Area> areas;
    std::vector<char> seen(frame.width * frame.height);
    for (int y = 0; y < frame.height; ++y)
        for (int x = 0; x < frame.width; ++x) {
            const int label = map.at(frame.x + x, frame.y + y);
            if (label == 0 || seen[y * frame.width + x]) continue;
            Area area{label, {{x, y}}};
            seen[y * frame.width + x] = 1;
            for (std::size_t k = 0; k < area.pixels.size(); ++k) {
                const auto [px, py] = area.pixels[k];
                for (const auto& [dx, dy] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
                    const int nx = px + dx, ny = py + dy;
                    if (nx < 0 || ny < 0 || nx >= frame.width || ny >= frame.height) continue;
                    if (seen[ny * frame.width + nx] || map.at(frame.x + nx, frame.y + ny) != label) continue;
                    seen[ny * frame.width + nx] = 1;
                    area.pixels.emplace_back(nx, ny);
                }
            }
            areas.push_back(std::move(area));
        }
    return areas;
}

RunMask mask_from(const std::vector<std::pair<int, int>>& pixels) {
    std::vector<Run> runs;
    for (const auto& [x, y] : pixels) runs.push_back({y, x, x + 1});
    return RunMask::from_runs(std::move(runs));
}

ImageU8 spread(const ImageU8& image, bool value) {
    ImageU8 result = image;
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            bool found = false;
            for (int dy = -1; dy <= 1; ++dy)
                for (int dx = -1; dx <= 1; ++dx) {
                    const int nx = x + dx, ny = y + dy;
                    const bool in =
                        nx >= 0 && ny >= 0 && nx < image.width && ny < image.height && image.at(nx, ny);
                    found = found || in == value;
                }
            if (found) result.at(x, y) = value;
        }
    return result;
}

}  // namespace

LabelMap draw_map(int width, int height, int cell, unsigned seed) {
    LabelMap map{width, height, std::vector<int>(static_cast<std::size_t>(width) * height), 0};
    Painter painter(map, seed);
    const int columns = width / cell + 1, rows = height / cell + 1;
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column)
            if ((column / 5 + row / 4) % 3 == 0) painter.field(cell, column, row);
    for (int k = 0; k < columns * rows; ++k) {
        const double x = painter.uniform(0, width), y = painter.uniform(0, height);
        const double radius = cell * painter.uniform(0.12, 0.6);
        if (k % 8 == 0) painter.ring(x, y, 2 * radius, 1.4 * radius);
        if (k % 16 == 0) painter.ring(x, y, 1.2 * radius, 0.8 * radius);
        if (k % 16 == 5) painter.spiral(x, y, cell * painter.uniform(1.0, 2.5), cell * 0.4);
        if (k % 16 == 11) painter.comb(x, y, cell * painter.uniform(0.6, 1.6), cell * 0.2);
        painter.blob(x, y, 0.7 * radius);
    }
    painter.roads(6.3 * cell, 0.15 * cell);
    painter.river(0.5 * height, 0.4 * cell);
    for (int k = 0; k < columns * rows / 8; ++k) painter.pixel();

    const std::vector<Area> areas = connected_areas(map, {0, 0, width, height});
    map.objects = static_cast<int>(areas.size());
    for (int k = 0; k < map.objects; ++k)
        for (const auto& [x, y] : areas[k].pixels) map.labels[y * width + x] = k + 1;
    return map;
}

std::vector<RunMask> objects_of(const LabelMap& map) {
    std::vector<std::vector<Run>> runs(map.objects);
    for (int y = 0; y < map.height; ++y)
        for (int x = 0; x < map.width; ++x)
            if (map.at(x, y)) runs[map.at(x, y) - 1].push_back({y, x, x + 1});
    std::vector<RunMask> objects;
    for (auto& object : runs) objects.push_back(RunMask::from_runs(std::move(object)));
    return objects;
}

std::vector<TileMask> cut(const LabelMap& map, const PixelBox& window, bool connected,
                          std::vector<int>* labels) {
    std::vector<Area> areas = connected_areas(map, window);
    if (!connected) {
        std::map<int, Area> whole;
        for (const Area& area : areas) {
            whole[area.label].label = area.label;
            auto& pixels = whole[area.label].pixels;
            pixels.insert(pixels.end(), area.pixels.begin(), area.pixels.end());
        }
        areas.clear();
        for (auto& [label, area] : whole) areas.push_back(std::move(area));
    }
    std::vector<TileMask> masks;
    for (const Area& area : areas) {
        masks.push_back(tile_mask(mask_from(area.pixels)));
        if (labels) labels->push_back(area.label);
    }
    return masks;
}

RunMask distorted(const RunMask& mask, const PixelBox& window, int most, std::mt19937& random) {
    const PixelBox box = mask.bounds();
    const PixelBox frame =
        intersection({box.x - most, box.y - most, box.width + 2 * most, box.height + 2 * most},
                     {0, 0, window.width, window.height});
    const ImageU8 original = mask.to_image(frame);
    std::vector<ImageU8> smaller{original}, larger{original};
    for (int k = 0; k < most; ++k) {
        smaller.push_back(spread(smaller.back(), false));
        larger.push_back(spread(larger.back(), true));
    }
    const int base = static_cast<int>(random() % (2 * most + 1)) - most;
    std::vector<int> jitter(((frame.width + 3) / 4) * ((frame.height + 3) / 4));
    for (int& value : jitter) value = static_cast<int>(random() % 3) - 1;
    ImageU8 result(original.width, original.height);
    for (int y = 0; y < result.height; ++y)
        for (int x = 0; x < result.width; ++x) {
            const int moved =
                std::clamp(base + jitter[(y / 4) * ((result.width + 3) / 4) + x / 4], -most, most);
            result.at(x, y) = moved < 0 ? smaller[-moved].at(x, y) : larger[moved].at(x, y);
        }
    return RunMask::from_image(result).shifted(frame.x, frame.y);
}

Tiles cut_all(const LabelMap& map, const tiling::TileGrid& grid, bool connected) {
    Tiles tiles;
    for (int index = 0; index < grid.count(); ++index)
        tiles.push_back(cut(map, grid.tile(index).window, connected));
    return tiles;
}

Tiles cut_all_badly(const LabelMap& map, const tiling::TileGrid& grid, int most, double missing,
                    unsigned seed) {
    std::mt19937 random(seed);
    const std::vector<RunMask> objects = objects_of(map);
    Tiles tiles(grid.count());
    for (int index = 0; index < grid.count(); ++index) {
        const PixelBox window = grid.tile(index).window;
        std::vector<int> labels;
        std::vector<TileMask> masks = cut(map, window, true, &labels);
        for (std::size_t k = 0; k < masks.size(); ++k) {
            const bool crosses = !window.contains(objects[labels[k] - 1].bounds());
            if (crosses && std::uniform_real_distribution<double>(0, 1)(random) < missing) continue;
            RunMask mask = distorted(masks[k].segmentation, window, most, random);
            if (mask.empty()) continue;
            tiles[index].push_back(tile_mask(std::move(mask), 0.5 + 0.001 * (random() % 500)));
        }
    }
    return tiles;
}

Tiles cut_all(const std::vector<RunMask>& objects, const tiling::TileGrid& grid) {
    Tiles tiles(grid.count());
    for (int index = 0; index < grid.count(); ++index) {
        const PixelBox window = grid.tile(index).window;
        for (const RunMask& object : objects) {
            const RunMask seen = object.clipped(window);
            if (!seen.empty()) tiles[index].push_back(tile_mask(seen.shifted(-window.x, -window.y)));
        }
    }
    return tiles;
}

TileMask tile_mask(RunMask mask, double predicted_iou, double stability_score) {
    TileMask result;
    result.segmentation = std::move(mask);
    result.area = result.segmentation.area();
    result.predicted_iou = predicted_iou;
    result.stability_score = stability_score;
    return result;
}

std::vector<Segment> merge(const tiling::TileGrid& grid, const Tiles& tiles, const std::vector<int>& order,
                           const MergeOptions& options) {
    SeamMerger merger(grid, options);
    for (int k = 0; k < grid.count(); ++k) {
        const int index = order.empty() ? k : order[k];
        merger.add_tile(index, tiles[index]);
    }
    return merger.take_finished();
}

Score score(const LabelMap& map, const std::vector<Segment>& segments, std::int64_t large_area, int slack) {
    const std::vector<RunMask> objects = objects_of(map);
    std::vector<int> segments_of(objects.size() + 1);
    std::vector<char> fused(objects.size() + 1), alike(objects.size() + 1);
    for (const Segment& segment : segments) {
        std::map<int, std::int64_t> pixels;
        for (const Run& run : segment.mask.runs())
            for (int x = run.x_begin; x < run.x_end; ++x) ++pixels[map.at(x, run.y)];
        pixels.erase(0);
        std::vector<int> held;  // objects of which the segment has most
        int shown = 0;          // the object that the segment is most like
        double most = 0;
        for (const auto& [label, count] : pixels) {
            const std::int64_t area = objects[label - 1].area();
            const double iou =
                static_cast<double>(count) / static_cast<double>(area + segment.mask.area() - count);
            if (iou > most) std::tie(shown, most) = std::make_tuple(label, iou);
            if (area > 150 && 2 * count > area) held.push_back(label);
            if (iou >= 0.9) alike[label] = 1;
        }
        ++segments_of[shown];
        if (held.size() < 2) continue;
        const RunMask near = widened(objects[shown - 1], slack);
        for (int label : held) {
            const RunMask beyond = set_difference(objects[label - 1], near);
            if (beyond.area() >= 50 && 2 * intersection_area(beyond, segment.mask) > beyond.area())
                fused[label] = fused[shown] = 1;
        }
    }
    Score result;
    for (int label = 1; label <= map.objects; ++label) {
        const std::int64_t area = objects[label - 1].area();
        if (area > 150) {
            ++result.objects;
            result.found_once += segments_of[label] == 1;
            result.fused += fused[label];
        }
        if (area > large_area) {
            ++result.large;
            result.large_alike += alike[label];
        }
    }
    return result;
}

int possibly_alike(const LabelMap& map, const tiling::TileGrid& grid, const Tiles& tiles,
                   std::int64_t large_area) {
    std::vector<RunMask> shown(map.objects);  // by all masks that show most of this object
    for (int index = 0; index < grid.count(); ++index) {
        const PixelBox window = grid.tile(index).window;
        for (const TileMask& mask : tiles[index]) {
            std::map<int, std::int64_t> pixels;
            const RunMask placed = mask.segmentation.shifted(window.x, window.y);
            for (const Run& run : placed.runs())
                for (int x = run.x_begin; x < run.x_end; ++x) ++pixels[map.at(x, run.y)];
            pixels.erase(0);
            const auto most =
                std::max_element(pixels.begin(), pixels.end(),
                                 [](const auto& p, const auto& q) { return p.second < q.second; });
            if (most != pixels.end()) shown[most->first - 1] = set_union(shown[most->first - 1], placed);
        }
    }
    const std::vector<RunMask> objects = objects_of(map);
    int count = 0;
    for (std::size_t i = 0; i < objects.size(); ++i)
        count += objects[i].area() > large_area && intersection_over_union(objects[i], shown[i]) >= 0.9;
    return count;
}

}  // namespace landseam::seam_merge
