// Label rasters of any size, read in strips.
#pragma once

#include "landseam/raster/scene_info.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace landseam::raster {

// Whole rows of labels.
struct LabelStrip {
    std::int64_t first_row = 0;
    int rows = 0;
    std::vector<std::uint32_t> codes;  // width × rows; see LabelRows::value_of
    std::vector<std::uint8_t> known;   // 1 where there is a value; empty: everywhere
};

// The first band of a raster of whole numbers. Use from one thread at a time.
class LabelRows {
public:
    // Throws Error for what open_scene refuses, and for a band of real or complex numbers or of more than 32
    // bits.
    explicit LabelRows(const std::string& path);
    ~LabelRows();
    LabelRows(const LabelRows&) = delete;
    LabelRows& operator=(const LabelRows&) = delete;

    const SceneInfo& info() const;
    // Whether the file says by a value or a mask which pixels have no label.
    bool marks_unknown() const;
    // Rows that are read at one go at least cost: those of the file's blocks, within 64 MiB.
    int strip_rows() const;
    // The strip that begins with this row, of strip_rows() rows or what is left. Throws Error naming the rows
    // that cannot be read.
    void read(std::int64_t first_row, LabelStrip& strip);

    // The number that a code stands for: the band may be signed.
    std::int64_t value_of(std::uint32_t code) const;
    // Names of the values 0, 1, …, where the file has them (GDAL's category names).
    const std::vector<std::string>& names() const;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace landseam::raster
