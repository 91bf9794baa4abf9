// Masks tile by tile as text, one JSON object a line: what `landseam merge` reads, from any model.
#pragma once

#include "landseam/core/geo_transform.h"
#include "landseam/core/pixel_box.h"
#include "landseam/core/tile_mask.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace landseam::pipeline {

// The first line: {"width": W, "height": H, "geotransform": [six numbers, GDAL's order], "crs": "EPSG:…" or
// WKT, "tile_overlap": n}. Width and height are in pixels; the rest may be missing or null.
struct TileMasksHeader {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::optional<GeoTransform> geo_transform;
    std::string crs;
    int tile_overlap = 0;  // of neighbouring tiles, for people; boxes tell what tiles really share
};

// Every other line: {"box": [x, y, w, h], "masks": [{"segmentation": {"size": [h, w], "counts": …},
// "predicted_iou": s, "stability_score": s, …}, …]}. The box is the tile's window in scene pixels, the
// segmentation COCO's run-length encoding of the tile, its counts as a compressed string or as numbers. A
// score that is missing counts as 1. Other numbers of a mask are attributes; `area`, `id` and whatever is no
// number (bbox, point_coords, crop_box) are passed over.
struct TileLine {
    PixelBox box;
    std::vector<TileMask> masks;  // in the tile's pixels; with attributes in the order of the names given
    std::set<std::string> names;  // of all attributes
};

// A line without its line break. Both throw Error, with neither file nor line number, for what is no such
// line; nothing that stands in one makes them take more than a few times its size, plus 240 MiB for outlines
// of millions of pixels.
TileMasksHeader header_from(std::string_view line);
TileLine tile_from(std::string_view line, const TileMasksHeader& header,
                   const std::vector<std::string>& names);

// The lines without their line breaks. Numbers come back from the text as they were, to the bit.
std::string header_line(const TileMasksHeader& header);
std::string tile_line(const PixelBox& box, const std::vector<TileMask>& masks,
                      const std::vector<std::string>& names = {});

// A file of such lines, opened by reading it once from end to end, on several threads: every line is checked,
// and where each tile lies is kept (some 60 bytes a tile), so that the tiles can be had again in the order of
// their places. Empty lines are passed over.
class TileMasksFile {
public:
    // Throws Error naming file and line for a file that cannot be read, has no header or a bad line, or two
    // tiles with the same box. Pipes cannot be read twice and are refused. Lines longer than `long_line`
    // bytes are made into masks one at a time, here and in tile(), for the memory that takes.
    TileMasksFile(const std::string& path, int threads,
                  std::int64_t long_line = std::numeric_limits<std::int64_t>::max());

    const TileMasksHeader& header() const { return header_; }
    // Names of all attributes, sorted.
    const std::vector<std::string>& names() const { return names_; }
    std::int64_t masks() const { return masks_; }
    // The windows of the tiles, in the order of their first pixels (row, then column).
    std::vector<PixelBox> windows() const;
    // Tile k of that order; safe to call from many threads.
    TileLine tile(int k) const;

    // Bytes: of the longest line, and of all lines whose tiles one row or column of pixels crosses, whichever
    // way across the scene is the shorter.
    std::int64_t longest_line() const;
    std::int64_t lines_across() const;

private:
    struct Place {
        PixelBox box;
        std::int64_t offset = 0;
        std::int64_t size = 0;
        std::int64_t line = 0;  // from 1
    };

    std::string read(const Place& place) const;
    void index(int threads);
    TileLine tile_of(std::string_view line, const std::vector<std::string>& names) const;

    std::string path_;
    std::shared_ptr<const int> file_;  // descriptor
    TileMasksHeader header_;
    std::vector<std::string> names_;
    std::vector<Place> places_;
    std::int64_t masks_ = 0;
    std::int64_t long_line_ = 0;
    std::shared_ptr<std::mutex> one_long_line_ = std::make_shared<std::mutex>();
};

}  // namespace landseam::pipeline
