// Which channels a scene is shown to the model with, three for most models, and from which of its bands each
// is computed.
#pragma once

#include "landseam/bands/preset.h"
#include "landseam/bands/stretch_options.h"
#include "landseam/core/band_description.h"
#include "landseam/core/image.h"

#include <cstddef>
#include <string>
#include <vector>

namespace landseam::bands {

// What the user asked for; both empty: what suits the file.
struct ChannelRequest {
    // A preset's name or file, with or without a composite: "sentinel2", "sentinel2:false-color",
    // "my.toml:water".
    std::string preset;
    // As many channel expressions as wanted with commas between, or of three channels one for a grey picture,
    // or "pca" for "pca1,pca2,pca3" (and on):
    //   4                  band by the file's own number, from 1
    //   B8, nir, red       band by the preset's key, common name or alias, or by the file's own description
    //   ndvi, ndwi, ndbi   (nir-red)/(nir+red), (green-nir)/(green+nir), (swir16-nir)/(swir16+nir)
    //   vv/vh, 5/4         ratio of two bands
    //   vv-vh              difference of two bands
    //   pca1, pca2, ...    principal component over all bands of the file
    std::string bands;
    // How many channels the model takes; 0: any number may be asked for, and three are taken where none is.
    std::size_t count = 3;
    // The bands that a model of other than three was trained on, written as `bands`: taken where neither a
    // composite nor bands are asked for.
    std::string model_bands = {};
};

// One band of the file as a channel uses it.
struct BandTerm {
    int number = 0;         // GDAL's, from 1; 0 where the channel has no such term
    std::string name;       // for messages: the preset's key, the description, or the number
    double scale = 1;       // physical value = stored · scale + offset, applied by every kind of channel
    double offset = 0;      // that combines two bands
    std::string data_type;  // GDAL's name
};

struct Channel {
    enum class Kind {
        band,                   // stored value of `first`
        normalized_difference,  // (first - second) / (first + second), clamped to -1..1; 0 where the sum is 0
        ratio,                  // first / second; 0 where second is 0
        difference,             // first - second
        principal_component,    // ChannelPlan::components, row `component` - 1
    };
    Kind kind = Kind::band;
    std::string label;  // the expression asked for
    std::string common_name;  // of a band: "red", "nir", …, where the preset or the file tells
    BandTerm first;
    BandTerm second;
    int component = 0;  // from 1
};

// Loadings of the principal components, fixed once a scene by fit_components(): component c of a pixel =
// Σ loadings[c][i] · (stored value of band bands[i] - mean[i]).
struct PrincipalComponents {
    std::vector<int> bands;  // band numbers
    std::vector<double> mean;
    std::vector<std::vector<double>>
        loadings;                  // a row a component, as many as the channels need; empty: not fitted
    std::vector<double> variance;  // a component's variance in the sample
};

// Plain data: everything to_rgb() needs but the Stretch; a copy written out and read back gives the same
// pixels.
struct ChannelPlan {
    std::string preset;     // "" where none was used
    std::string composite;  // "" where bands were named
    std::vector<Channel> channels;   // of three: red, green, blue
    std::vector<int> source_bands;   // numbers of the bands to read, ascending
    PrincipalComponents components;  // `bands` empty where no channel is a component
    StretchOptions stretch;          // for these channels and data types; method is never automatic

    bool needs_components() const { return !components.bands.empty(); }
    // One line for people: "sentinel2:true-color: red = B4 (band 3), green = ..., blue = ...".
    std::string describe() const;
    // What each channel shows, for people and for other scenes: common names where they are known, else
    // labels.
    std::vector<std::string> names() const;
};

// Chooses channels for a file with these bands (image bands only: no alpha, no mask; at least one). With an
// empty request it takes the default composite of suggest_preset(); else bands named or tagged red, green,
// blue; else bands 1, 2, 3 with a warning; of two bands 1, 2, 1 with a warning; one band three times. For a
// model of another number of bands an empty request, or one of a preset alone, takes the model's own bands;
// else the preset's first composite of that number; else all bands of a file that has as many, with a
// warning.
//
// A preset's bands are found by the file's descriptions; for those without by wavelength (the preset band
// whose centre is nearest, within half its bandwidth or 15 nm, whichever is more); in files with neither by
// colour interpretation where red, green and blue occur once each, the rest by the preset's layout for that
// number of bands, if any.
//
// Throws Error: of kind usage where the request makes no sense for any file, of kind failed, saying which
// bands the file has and which were needed, where it does not fit this file. `warnings` (may be null)
// receives sentences.
ChannelPlan plan_channels(const ChannelRequest& request, const std::vector<BandDescription>& bands,
                          std::vector<std::string>* warnings);

// The shipped preset which names every described band of the file and fits best; "" where the file names no
// bands, none fits, or several fit equally well.
std::string suggest_preset(const std::vector<BandDescription>& bands);

// Shipped presets with a layout for that number of bands, sorted: what to try where suggest_preset() knows
// nothing.
std::vector<std::string> presets_for_band_count(int band_count);

// Fits the plan's principal components to the valid pixels of a sample of the scene that holds all of
// source_bands: the eigenvectors of the covariance matrix of stored values, largest variance first, the
// loading of largest magnitude positive. Components without variance get loadings of 0. Nothing happens where
// the plan has no component channel.
void fit_components(ChannelPlan& plan, const RasterWindow& sample);

}  // namespace landseam::bands
