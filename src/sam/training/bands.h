// Models of more bands, or fewer, than the three that they were made for.
#pragma once

#include "landseam/sam/modules.h"

#include <string>
#include <vector>

namespace landseam::sam::training {

// What is known of the pixels that a model is to learn from, band by band.
struct BandStatistics {
    std::vector<std::string> names;
    std::vector<float> mean, deviation;
};

// A new model, or one whose first layer has been made for these bands, normalises by them.
void set_statistics(ModelInfo& info, const BandStatistics& bands);

// The model of red, green and blue with a first layer for these bands. It computes what it did of the picture
// whose red is the band of that name, and likewise green and blue; a colour without a band is the mean of the
// bands that are no colour, or of all where there are none. Exact but for TinyViT's outermost pixels, where
// its first layer sees beyond the picture. Throws Error where the model takes other than three bands.
Sam inflated(Sam model, const BandStatistics& bands);

// The tensor that inflated() makes anew.
std::string first_layer_weight(const ModelInfo& info);

}  // namespace landseam::sam::training
