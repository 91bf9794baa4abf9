// Packed training samples: a picture and what is known of the objects on it, in one file that any machine can
// read without GDAL.
//
// The file is safetensors (https://github.com/huggingface/safetensors#format), so that Python reads it too:
// "image" u8 [bands, height, width], "valid" u8 [height, width], and "labels.0", "labels.1", … i32
// [height, width]. Its metadata are "landseam" = "samples", "gsd" (metres a pixel, 0 where unknown), "bands"
// (names, comma-separated) and "labels.N" (the name of a level).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::sam {

// One way of cutting the picture into objects. A pixel belongs to at most one object of a level; parts and
// wholes are on different levels.
struct SampleLevel {
    static constexpr std::int32_t nothing = 0;   // known to belong to no object
    static constexpr std::int32_t unknown = -1;  // not labelled: no prompt lands here

    std::string name;               // "buildings", "land cover", "regions at scale 100", …
    std::vector<std::int32_t> ids;  // [height · width], row by row: 1, 2, … an object, or one of the above

    // What the names of levels begin with that segmentation of the picture alone has found: their objects are
    // guesses.
    static constexpr const char* guessed_prefix = "regions at scale ";
    bool is_guessed() const { return name.rfind(guessed_prefix, 0) == 0; }
};

struct Sample {
    int width = 0, height = 0;         // pixels
    double gsd_m = 0;                  // ground covered by a pixel's side, metres; 0: unknown
    std::vector<std::string> bands;    // one name a band: "red", "green", "blue", …
    std::vector<std::uint8_t> pixels;  // [bands · height · width], stretched as the model is to see them
    std::vector<std::uint8_t> valid;   // [height · width]: 1 where there is data
    std::vector<SampleLevel> levels;   // at least one

    // Throws Error, naming `name`, where sizes do not agree or an id is below −1.
    void validate(const std::string& name) const;
};

// Written whole or not at all. Throws Error where it cannot be.
void write_sample(const std::string& path, const Sample& sample);

// Throws Error where the file is not one that write_sample wrote; nothing in it is believed unchecked.
Sample read_sample(const std::string& path);

}  // namespace landseam::sam
