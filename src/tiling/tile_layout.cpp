#include "landseam/tiling/tile_layout.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

namespace landseam::tiling {
namespace {

std::vector<PixelBox> windows_of(const TileGrid& grid) {
    std::vector<PixelBox> windows;
    windows.reserve(static_cast<std::size_t>(grid.count()));
    for (int index = 0; index < grid.count(); ++index) windows.push_back(grid.tile(index).window);
    return windows;
}

}  // namespace

TileLayout::TileLayout(const TileGrid& grid) : TileLayout(grid.scene(), windows_of(grid)) {}

TileLayout::TileLayout(const PixelBox& scene, std::vector<PixelBox> windows)
    : scene_(scene), windows_(std::move(windows)) {
    for (std::size_t i = 0; i < windows_.size(); ++i) {
        if (windows_[i].empty() || !scene_.contains(windows_[i]))
            throw Error("tile " + std::to_string(i), "it does not lie in the scene of " +
                                                         std::to_string(scene_.width) + " by " +
                                                         std::to_string(scene_.height) + " pixels");
        cell_width_ = std::max(cell_width_, windows_[i].width);
        cell_height_ = std::max(cell_height_, windows_[i].height);
    }
    columns_ = scene_.right() / cell_width_ + 1;
    for (std::size_t i = 0; i < windows_.size(); ++i)
        cells_[cell_of(windows_[i].x / cell_width_, windows_[i].y / cell_height_)].push_back(
            static_cast<int>(i));
}

const PixelBox& TileLayout::window(int index) const {
    if (index < 0 || index >= count())
        throw Error("tile " + std::to_string(index), "there are " + std::to_string(count()) + " tiles");
    return windows_[static_cast<std::size_t>(index)];
}

std::vector<int> TileLayout::neighbours(int index) const {
    const PixelBox& box = window(index);
    std::vector<int> found;
    // What begins more than a cell before the window ends before it.
    const std::int64_t last_column = (box.right() - 1) / cell_width_,
                       last_row = (box.bottom() - 1) / cell_height_;
    for (std::int64_t row = std::max<std::int64_t>(box.y / cell_height_ - 1, 0); row <= last_row; ++row)
        for (std::int64_t column = std::max<std::int64_t>(box.x / cell_width_ - 1, 0); column <= last_column;
             ++column) {
            const auto cell = cells_.find(cell_of(column, row));
            if (cell == cells_.end()) continue;
            for (int other : cell->second)
                if (other != index && !intersection(box, windows_[static_cast<std::size_t>(other)]).empty())
                    found.push_back(other);
        }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<int> TileLayout::working_order() const {
    const bool by_column = scene_.width > scene_.height;
    const auto key = [&](int index) {
        const PixelBox& box = windows_[static_cast<std::size_t>(index)];
        return by_column ? std::make_tuple(box.x, box.y, index) : std::make_tuple(box.y, box.x, index);
    };
    std::vector<int> order(windows_.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
    return order;
}

}  // namespace landseam::tiling
