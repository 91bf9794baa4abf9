#include "landseam/pipeline/scene_picture.h"

#include <algorithm>
#include <cmath>

#include "landseam/core/error.h"
#include "landseam/pipeline/settings_file.h"

namespace landseam::pipeline {
namespace {

constexpr int sample_side = 2048;                     // longest side of the reduced picture
constexpr std::int64_t whole_read_limit = 1LL << 28;  // pixels; above, without overviews, windows are sampled instead
constexpr int lattice = 16;                           // windows each way
constexpr int lattice_window = 128;                   // their side in pixels

RasterWindow read_reduced(const raster::RasterSource& source, const std::vector<int>& bands) {
    const auto& info = source.info();
    const double factor = std::min(1.0, sample_side / static_cast<double>(std::max(info.width, info.height)));
    const auto reduced = [&](std::int64_t size) { return std::max(1, static_cast<int>(std::lround(size * factor))); };
    return source.read({0, 0, info.width, info.height}, bands, reduced(info.width), reduced(info.height));
}

RasterWindow read_lattice(const raster::RasterSource& source, const std::vector<int>& bands, bool skip_unreadable) {
    const auto& info = source.info();
    const int width = static_cast<int>(std::min<std::int64_t>(lattice_window, info.width));
    const int height = static_cast<int>(std::min<std::int64_t>(lattice_window, info.height));
    RasterWindow sample;
    sample.band_numbers = bands;
    sample.bands.assign(bands.size(), ImageF(width * lattice, height * lattice));
    sample.valid = ImageU8(width * lattice, height * lattice);
    for (int row = 0; row < lattice; ++row)
        for (int column = 0; column < lattice; ++column) {
            const PixelBox box{(info.width - width) * column / (lattice - 1), (info.height - height) * row / (lattice - 1),
                               width, height};
            RasterWindow part;
            try {
                part = source.read(box, bands, width, height);
            } catch (const Error&) {
                if (!skip_unreadable) throw;
                continue;  // stays invalid
            }
            for (int y = 0; y < height; ++y) {
                for (std::size_t b = 0; b < bands.size(); ++b)
                    std::copy_n(part.bands[b].row(y), width, sample.bands[b].row(row * height + y) + column * width);
                std::copy_n(part.valid.row(y), width, sample.valid.row(row * height + y) + column * width);
            }
        }
    return sample;
}

}  // namespace

RasterWindow read_sample(const raster::RasterSource& source, const std::vector<int>& bands, bool skip_unreadable) {
    const auto& info = source.info();
    const bool large = info.width > whole_read_limit / info.height;
    if (large && info.overviews == 0) return read_lattice(source, bands, skip_unreadable);
    try {
        return read_reduced(source, bands);
    } catch (const Error&) {
        if (!skip_unreadable) throw;
        return read_lattice(source, bands, true);
    }
}

void suit_model(PictureOptions& options, const sam::ModelInfo& model) {
    options.channels.count = static_cast<std::size_t>(model.bands);
    options.channels.model_bands.clear();
    if (model.bands == 3) return;
    for (const std::string& name : model.band_names)
        options.channels.model_bands += (options.channels.model_bands.empty() ? "" : ",") + name;
}

ScenePicture prepare_scene(const std::string& path, const raster::OpenOptions& open_options,
                           const PictureOptions& options, Progress& progress) {
    ScenePicture picture;
    picture.source = raster::open_scene(path, open_options);
    const raster::SceneInfo& info = picture.source->info();
    for (const std::string& warning : info.warnings) progress.warn(warning);

    std::vector<BandDescription> image_bands;
    for (const BandDescription& band : info.bands)
        if (std::count(info.image_bands.begin(), info.image_bands.end(), band.number)) image_bands.push_back(band);

    if (!options.stretch_from.empty()) {
        StoredStretch stored = read_stretch(options.stretch_from);
        for (int band : stored.plan.source_bands)
            if (!std::count(info.image_bands.begin(), info.image_bands.end(), band))
                throw Error(path, "has no band " + std::to_string(band) + ", which the stretch in '" + options.stretch_from +
                                      "' was made for", "use a stretch of a scene with the same bands");
        const std::size_t count = options.channels.count, stored_count = stored.plan.channels.size();
        if (count != 0 && stored_count != count)
            throw Error(path,
                        "is to be shown as " + std::to_string(count) + " channels, and the stretch in '" +
                            options.stretch_from + "' is one of " + std::to_string(stored_count),
                        "use a stretch made for as many, or leave out --stretch-from");
        picture.plan = std::move(stored.plan);
        picture.stretch = stored.stretch;
        return picture;
    }
    std::vector<std::string> warnings;
    picture.plan = bands::plan_channels(options.channels, image_bands, &warnings);
    for (const std::string& warning : warnings) progress.warn("'" + path + "': " + warning);
    const RasterWindow sample = read_sample(*picture.source, picture.plan.source_bands, options.skip_unreadable);
    bands::fit_components(picture.plan, sample);
    picture.stretch = bands::estimate_stretch(picture.plan, options.stretch, sample);
    return picture;
}

}  // namespace landseam::pipeline
