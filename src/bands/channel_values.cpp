#include "bands/channel_values.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cmath>

namespace landseam::bands {
namespace {

double normalized_difference(double a, double b) {
    const double sum = a + b;
    return sum == 0 ? 0 : std::clamp((a - b) / sum, -1.0, 1.0);
}

void check_components(const ChannelPlan& plan) {
    const PrincipalComponents& pca = plan.components;
    for (const Channel& channel : plan.channels) {
        if (channel.kind != Channel::Kind::principal_component) continue;
        const bool fitted =
            channel.component >= 1 && pca.loadings.size() >= static_cast<std::size_t>(channel.component) &&
            pca.loadings[static_cast<std::size_t>(channel.component) - 1].size() == pca.bands.size() &&
            pca.mean.size() == pca.bands.size();
        if (!fitted)
            throw Error(channel.label, "the principal components of the scene are not known",
                        "fit them to a sample of the scene first");
    }
}

}  // namespace

const ImageF& band_image(const RasterWindow& window, int number) {
    const auto at = std::find(window.band_numbers.begin(), window.band_numbers.end(), number);
    const auto index = static_cast<std::size_t>(at - window.band_numbers.begin());
    if (at == window.band_numbers.end() || index >= window.bands.size() ||
        window.bands[index].values.size() != window.valid.pixel_count())
        throw Error("band " + std::to_string(number), "the window was read without this band");
    return window.bands[index];
}

ChannelReader::ChannelReader(const RasterWindow& window, const ChannelPlan& plan)
    : window_(window), plan_(plan), first_(plan.channels.size()), second_(plan.channels.size()) {
    check_components(plan);
    for (std::size_t c = 0; c < plan.channels.size(); ++c) {
        if (plan.channels[c].first.number > 0) first_[c] = term(plan.channels[c].first);
        if (plan.channels[c].second.number > 0) second_[c] = term(plan.channels[c].second);
    }
    for (int number : plan.source_bands) sources_.push_back(band_image(window, number).values.data());
    for (int number : plan.components.bands) components_.push_back(band_image(window, number).values.data());
}

ChannelReader::Term ChannelReader::term(const BandTerm& band) const {
    return {band_image(window_, band.number).values.data(), band.scale, band.offset};
}

bool ChannelReader::has_data(std::size_t pixel) const {
    if (window_.valid.values[pixel] == 0) return false;
    for (const float* values : sources_)
        if (!std::isfinite(values[pixel])) return false;
    return true;
}

std::vector<std::size_t> ChannelReader::pixels_with_data() const {
    std::vector<std::size_t> pixels;
    for (std::size_t i = 0; i < pixel_count(); ++i)
        if (has_data(i)) pixels.push_back(i);
    return pixels;
}

double ChannelReader::value(std::size_t channel, std::size_t pixel) const {
    const Term& first = first_[channel];
    const Term& second = second_[channel];
    switch (plan_.channels[channel].kind) {
        case Channel::Kind::band:
            return first.values[pixel];
        case Channel::Kind::normalized_difference:
            return normalized_difference(first.physical(pixel), second.physical(pixel));
        case Channel::Kind::ratio:
            return second.physical(pixel) == 0 ? 0 : first.physical(pixel) / second.physical(pixel);
        case Channel::Kind::difference:
            return first.physical(pixel) - second.physical(pixel);
        case Channel::Kind::principal_component:
            return component_value(plan_.channels[channel].component, pixel);
    }
    return 0;
}

double ChannelReader::component_value(int component, std::size_t pixel) const {
    const std::vector<double>& loadings = plan_.components.loadings[static_cast<std::size_t>(component) - 1];
    double sum = 0;
    for (std::size_t i = 0; i < components_.size(); ++i)
        sum += loadings[i] * (static_cast<double>(components_[i][pixel]) - plan_.components.mean[i]);
    return sum;
}

}  // namespace landseam::bands
