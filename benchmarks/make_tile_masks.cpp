// Draws a scene of any size as masks of overlapping tiles, for `landseam merge`: an object in each cell of
// 190 × 190 pixels (discs in pairs, rings, boxes, some with a smaller one on them) and rivers from end to
// end. Nothing is held but one tile.
//
//   make_tile_masks SIDE OUT.jsonl [TILE_SIZE OVERLAP]
#include "landseam/core/coco_rle.h"
#include "landseam/tiling/tile_layout.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

using landseam::PixelBox;
using landseam::Run;
using landseam::RunMask;

constexpr std::int64_t cell = 190, river_spacing = 5000;

std::uint64_t mixed(std::uint64_t value) {  // splitmix64
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

// Of the object in a cell, whatever tile asks.
class CellObject {
public:
    CellObject(std::int64_t column, std::int64_t row) : x_(column * cell), y_(row * cell) {
        seed_ = mixed(static_cast<std::uint64_t>(column) * 1000003u + static_cast<std::uint64_t>(row));
    }

    RunMask mask(const PixelBox& frame) const {
        switch (seed_ % 4) {
            case 0:
                return set_union(disc(55, 60, radius(1), frame), disc(80, 80, radius(2), frame));
            case 1:
                return set_difference(disc(70, 70, 62, frame), disc(70, 70, radius(1), frame));
            case 2:
                return clipped_box({x_ + 8, y_ + 12, 175, 170 - number(3, 60)}, frame);
            default:
                return disc(68, 72, 30 + number(4, 34), frame);
        }
    }
    bool has_part() const { return seed_ % 4 == 2 && number(5, 3) == 0; }
    RunMask part(const PixelBox& frame) const { return clipped_box({x_ + 30, y_ + 35, 50, 40}, frame); }

private:
    std::int64_t number(int which, std::int64_t below) const {
        return static_cast<std::int64_t>(mixed(seed_ + static_cast<std::uint64_t>(which)) %
                                         static_cast<std::uint64_t>(below));
    }
    std::int64_t radius(int which) const { return 22 + number(which, 26); }
    static RunMask clipped_box(const PixelBox& box, const PixelBox& frame) {
        return RunMask::from_box(intersection(box, frame));
    }
    RunMask disc(std::int64_t dx, std::int64_t dy, std::int64_t r, const PixelBox& frame) const {
        std::vector<Run> runs;
        for (std::int64_t y = std::max(y_ + dy - r, frame.y); y <= std::min(y_ + dy + r, frame.bottom() - 1);
             ++y) {
            const std::int64_t rise = y - y_ - dy;
            const auto half = static_cast<std::int64_t>(std::sqrt(static_cast<double>(r * r - rise * rise)));
            const std::int64_t begin = std::max(x_ + dx - half, frame.x),
                               end = std::min(x_ + dx + half + 1, frame.right());
            if (begin < end)
                runs.push_back({static_cast<std::int32_t>(y), static_cast<std::int32_t>(begin),
                                static_cast<std::int32_t>(end)});
        }
        return RunMask::from_sorted_runs(std::move(runs));
    }

    std::int64_t x_, y_;
    std::uint64_t seed_;
};

// River `k`, from the scene's upper to its lower end.
RunMask river(std::int64_t k, const PixelBox& frame) {
    std::vector<Run> runs;
    for (std::int64_t y = frame.y; y < frame.bottom(); ++y) {
        const double along = static_cast<double>(y);
        const auto middle = static_cast<std::int64_t>(static_cast<double>(k * river_spacing) + 2500 +
                                                      700 * std::sin(along / 900 + static_cast<double>(k)));
        const std::int64_t begin = std::max(middle - 40, frame.x), end = std::min(middle + 40, frame.right());
        if (begin < end)
            runs.push_back({static_cast<std::int32_t>(y), static_cast<std::int32_t>(begin),
                            static_cast<std::int32_t>(end)});
    }
    return RunMask::from_sorted_runs(std::move(runs));
}

class TileWriter {
public:
    TileWriter(std::ostream& file, const PixelBox& window) : file_(file), window_(window) {
        file_ << "{\"box\":[" << window.x << ',' << window.y << ',' << window.width << ',' << window.height
              << "],\"masks\":[";
    }
    ~TileWriter() { file_ << "]}\n"; }

    void add(const RunMask& mask) {
        if (mask.empty()) return;
        const int width = static_cast<int>(window_.width), height = static_cast<int>(window_.height);
        std::string counts =
            landseam::compressed_counts(mask.shifted(-window_.x, -window_.y).to_coco(width, height).counts);
        for (std::size_t i = counts.find('\\'); i != std::string::npos; i = counts.find('\\', i + 2))
            counts.insert(i, 1, '\\');
        file_ << (count_ > 0 ? "," : "") << "{\"segmentation\":{\"size\":[" << height << ',' << width
              << "],\"counts\":\"" << counts << "\"},\"predicted_iou\":0." << 80 + count_ % 19
              << ",\"stability_score\":0.95}";
        ++count_;
    }
    std::int64_t count() const { return count_; }

private:
    std::ostream& file_;
    const PixelBox window_;
    std::int64_t count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 5) {
        std::cerr << "usage: make_tile_masks SIDE OUT.jsonl [TILE_SIZE OVERLAP]\n";
        return 2;
    }
    const std::int64_t side = std::atoll(argv[1]);
    landseam::tiling::TileOptions options;
    if (argc == 5) {
        options.tile_size = std::atoi(argv[3]);
        options.overlap = std::atoi(argv[4]);
    }
    const landseam::tiling::TileGrid grid(side, side, options);
    std::ofstream file(argv[2], std::ios::binary);
    file << "{\"width\":" << side << ",\"height\":" << side
         << ",\"geotransform\":[500000,0.5,0,4500000,0,-0.5],\"crs\":\"EPSG:32632\",\"tile_overlap\":"
         << options.overlap << "}\n";
    std::int64_t masks = 0;
    for (int index = 0; index < grid.count(); ++index) {
        const PixelBox window = grid.tile(index).window;
        TileWriter writer(file, window);
        for (std::int64_t row = window.y / cell; row <= (window.bottom() - 1) / cell; ++row)
            for (std::int64_t column = window.x / cell; column <= (window.right() - 1) / cell; ++column) {
                const CellObject object(column, row);
                writer.add(object.mask(window));
                if (object.has_part()) writer.add(object.part(window));
            }
        for (std::int64_t k = window.x / river_spacing - 1; k <= window.right() / river_spacing; ++k)
            if (k >= 0) writer.add(river(k, window));
        masks += writer.count();
    }
    file.close();
    if (!file) {
        std::cerr << argv[2] << ": cannot be written\n";
        return 1;
    }
    std::cout << grid.count() << " tiles, " << masks << " masks\n";
}
