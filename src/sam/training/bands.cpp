#include "sam/training/bands.h"

#include "landseam/core/error.h"

#include "sam/pixel_statistics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

namespace landseam::sam::training {

namespace {

// Of each colour, what share of it each band makes up: the shares of a colour add up to 1.
using Shares = std::array<std::vector<float>, 3>;

std::string lower_case(std::string name) {
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
}

std::vector<float> even_shares(const std::vector<bool>& of) {
    const auto count = std::count(of.begin(), of.end(), true);
    std::vector<float> shares;
    for (const bool has_part : of) shares.push_back(has_part ? 1.0f / static_cast<float>(count) : 0.0f);
    return shares;
}

Shares shares_of_colours(const std::vector<std::string>& names) {
    const std::array<const char*, 3> colours{"red", "green", "blue"};
    std::array<std::vector<bool>, 3> named;
    std::vector<bool> no_colour(names.size(), true);
    for (std::size_t colour = 0; colour < 3; ++colour)
        for (std::size_t band = 0; band < names.size(); ++band) {
            named[colour].push_back(lower_case(names[band]) == colours[colour]);
            if (named[colour].back()) no_colour[band] = false;
        }
    const auto any = [](const std::vector<bool>& of) { return std::count(of.begin(), of.end(), true) > 0; };
    const std::vector<bool> all(names.size(), true);
    Shares shares;
    for (std::size_t colour = 0; colour < 3; ++colour)
        shares[colour] = even_shares(any(named[colour]) ? named[colour] : any(no_colour) ? no_colour : all);
    return shares;
}

}  // namespace

void set_statistics(ModelInfo& info, const BandStatistics& bands) {
    info.bands = static_cast<int>(bands.names.size());
    info.pixel_mean = bands.mean;
    info.pixel_std = bands.deviation;
    info.band_names = are_band_names(bands.names, info.bands) ? bands.names : std::vector<std::string>();
}

std::string first_layer_weight(const ModelInfo& info) {
    return info.encoder == "vit" ? "image_encoder.patch_embed.proj.weight"
                                 : "image_encoder.patch_embed.seq.0.c.weight";
}

// With s the shares of a colour, m and d the mean and deviation that it was normalised with, and µ and σ
// those of the bands: (Σ s·x − m) / d = Σ (s·σ/d) (x − µ)/σ + (Σ s·µ − m) / d. The first part goes into the
// weights, the second into what is added to each pixel.
Sam inflated(Sam model, const BandStatistics& bands) {
    if (model.info.bands != 3)
        throw Error("the checkpoint", "takes " + std::to_string(model.info.bands) + " bands",
                    "begin with one of three bands", ErrorKind::usage);
    const Shares shares = shares_of_colours(bands.names);
    const at::Tensor before = model.tensors.at(first_layer_weight(model.info));
    std::vector<at::Tensor> per_band(bands.names.size(), at::zeros_like(before.select(1, 0)));
    at::Tensor added;
    for (std::size_t colour = 0; colour < 3; ++colour) {
        const at::Tensor own = before.select(1, static_cast<std::int64_t>(colour));
        double level = -static_cast<double>(model.info.pixel_mean[colour]);
        for (std::size_t band = 0; band < per_band.size(); ++band) {
            const double share = shares[colour][band];
            if (share == 0) continue;
            level += share * bands.mean[band];
            per_band[band] =
                per_band[band] + own * (share * bands.deviation[band] / model.info.pixel_std[colour]);
        }
        const at::Tensor part = own.flatten(1).sum(1) * (level / model.info.pixel_std[colour]);
        added = added.defined() ? added + part : part;
    }
    std::map<std::string, at::Tensor> tensors = std::move(model.tensors);
    tensors[first_layer_weight(model.info)] = at::stack(per_band, 1).contiguous();
    if (model.info.encoder == "vit") {
        at::Tensor& bias = tensors.at("image_encoder.patch_embed.proj.bias");
        bias = bias + added;
    } else {  // no bias, but a mean that batch normalisation takes away
        at::Tensor& mean = tensors.at("image_encoder.patch_embed.seq.0.bn.running_mean");
        mean = mean - added;
    }
    ModelInfo info = model.info;
    info.parameters += tensors[first_layer_weight(info)].numel() - before.numel();
    set_statistics(info, bands);
    return build_sam(info, std::move(tensors));
}

}  // namespace landseam::sam::training
