// Square pieces of samples, turned, scaled and recoloured at random.
#pragma once

#include "landseam/sam/samples.h"

#include "sam/training/dice.h"

#include <cstdint>
#include <vector>

namespace landseam::sam::training {

struct Crop {
    int side = 0, bands = 0;
    std::vector<float> pixels;                      // [bands · side · side], 0 … 255
    std::vector<std::uint8_t> valid;                // [side · side]
    std::vector<std::vector<std::int32_t>> levels;  // each [side · side], as SampleLevel::ids
    std::vector<bool> guessed;                      // of each level, see SampleLevel::is_guessed

    std::size_t area() const { return static_cast<std::size_t>(side) * static_cast<std::size_t>(side); }
};

// What is done to a picture at random; all off is the picture as it is.
struct Augmentation {
    double smallest_scale = 0.5,
           largest_scale = 2;  // sample pixels a crop's pixel, drawn evenly in logarithm
    bool turn = true;          // by any angle, and mirror
    bool recolour = true;      // see recolour()
    double paste = 0.25;       // share of crops that get objects of another one pasted on
};

// Where a crop lies in its sample: crop pixels (u, v) → sample pixels, both of pixel centres at + 0.5.
struct CropFrame {
    double x0 = 0, y0 = 0;  // of the crop's middle
    double a = 1, b = 0, c = 0, d = 1;
    double scale = 1;
};

// Ground that is not in the sample has the colour `fill` and belongs to nothing known.
Crop cut_crop(const Sample& sample, const CropFrame& frame, int side, const std::vector<float>& fill);

// Anywhere in the sample, but mostly where there is data.
CropFrame draw_frame(const Sample& sample, int side, const Augmentation& augmentation, Dice& dice);

// Changes brightness, contrast, gamma and balance; at times greyness, order of channels, haze, sharpness,
// noise and what JPEG leaves of a picture. The more bands than three, the fewer of these make sense: then
// balance and noise only.
void recolour(Crop& crop, Dice& dice);

// Puts up to three labelled objects of `from` where they lie there onto `onto`: real objects on other real
// ground. They join the first level, a new one where that was guessed; in the others nothing is known of their
// pixels.
void paste_objects(Crop& onto, const Crop& from, Dice& dice);

}  // namespace landseam::sam::training
