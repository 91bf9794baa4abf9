// What a checkpoint tells of its bands beside the weights: see most_bands in model.h.
#pragma once

#include "landseam/sam/model.h"

#include <string>
#include <vector>

namespace landseam::sam {

constexpr const char* pixel_mean_key = "pixel_mean";
constexpr const char* pixel_std_key = "pixel_std";
constexpr const char* pixel_bands_key = "pixel_bands";

// Sets pixel_mean, pixel_std and band_names to what the file holds for `info.bands` bands. Throws Error where
// it lacks what it needs, or holds what belongs to no picture.
void read_pixel_statistics(const CheckpointFile& file, ModelInfo& info);

// Whether the model normalises as the published ones do, so that a checkpoint of it needs to tell nothing.
bool normalises_as_published(const ModelInfo& info);

// Whether each of `count` bands has a name that a checkpoint can hold: without commas, up to 64 bytes.
bool are_band_names(const std::vector<std::string>& names, int count);

// "red", "nir" → "red,nir", and back.
std::string joined_names(const std::vector<std::string>& names);
std::vector<std::string> split_names(const std::string& text);

}  // namespace landseam::sam
