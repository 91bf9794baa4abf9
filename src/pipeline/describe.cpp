#include "landseam/pipeline/describe.h"

#include <algorithm>
#include <cstdio>

#include "landseam/bands/channel_plan.h"
#include "landseam/core/error.h"
#include "landseam/output/layer_sink.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/segment_scene.h"
#include "landseam/raster/georeference.h"
#include "landseam/sam/default_checkpoint.h"
#include "landseam/sam/model.h"
#include "landseam/tiling/tile_pyramid.h"

namespace landseam::pipeline {
namespace {

// printf into a string.
template <typename... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
    const int length = std::snprintf(nullptr, 0, pattern, arguments...);
    std::string text(static_cast<std::size_t>(length), '\0');
    std::snprintf(text.data(), text.size() + 1, pattern, arguments...);
    return text;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string describe_band(const BandDescription& band, bool image_band) {
    std::string line = format("  %3d  %-8s", band.number, band.data_type.c_str());
    if (!band.description.empty()) line += "  " + band.description;
    if (band.color_interpretation != "undefined" && !band.color_interpretation.empty()) line += "  [" + band.color_interpretation + "]";
    if (band.wavelength_nm) line += format("  %.0f nm", *band.wavelength_nm);
    if (band.nodata) line += format("  nodata %g", *band.nodata);
    if (band.scale != 1 || band.offset != 0) line += format("  scale %g offset %g", band.scale, band.offset);
    if (!image_band) line += "  (not a picture band)";
    return line + "\n";
}

std::string describe_place(const raster::SceneInfo& info) {
    if (!info.geo_transform) return "georeference  none: pixel coordinates\n";
    const raster::Georeference georeference(info);
    std::string text = "CRS           " + (info.crs_name.empty() ? std::string("none") : info.crs_name);
    if (!info.crs_code.empty()) text += " (" + info.crs_code + ")";
    const auto& c = info.geo_transform->c;
    text += format("\ngeotransform  %.10g, %.10g, %.10g, %.10g, %.10g, %.10g\n", c[0], c[1], c[2], c[3], c[4], c[5]);
    if (const Point size = georeference.pixel_size_m(); size.x > 0)
        text += format("pixel         %.4g by %.4g m on the ground\n", size.x, size.y);
    return text;
}

std::string describe_picture(const std::vector<BandDescription>& image_bands) {
    const std::string preset = bands::suggest_preset(image_bands);
    std::string text = "preset        ";
    if (!preset.empty()) {
        text += preset + "\n";
    } else {
        text += "none known from the file's band names";
        const auto possible = bands::presets_for_band_count(static_cast<int>(image_bands.size()));
        for (std::size_t i = 0; i < possible.size(); ++i) text += (i == 0 ? "; by number of bands: " : ", ") + possible[i];
        text += "\n";
    }
    std::vector<std::string> warnings;
    text += "picture       " + bands::plan_channels({}, image_bands, &warnings).describe() + "\n";
    for (const std::string& warning : warnings) text += "warning       " + warning + "\n";
    return text;
}

std::string describe_tiles(const raster::SceneInfo& info, int tile_size) {
    const tiling::TilePyramid tiles(info.width, info.height, {tile_size, tile_size / 4},
                                    tiling::TilePyramid::usual_levels(tile_size));
    const tiling::TileGrid& grid = tiles.base();
    std::string text = format("%d tiles of %d pixels, %d by %d", grid.count(), tile_size, grid.columns(), grid.rows());
    if (tiles.count() > grid.count()) text += format(", and %d larger ones", tiles.count() - grid.count());
    return text;
}

std::string forecast_of(const std::string& path, const raster::OpenOptions& options) {
    SegmentOptions segment;
    segment.scene = path;
    segment.open = options;
    try {
        return forecast_segmenting(segment, *silent_progress());
    } catch (const Error& error) {
        return std::string("no forecast: ") + error.what();
    }
}

}  // namespace

std::string describe_scene(const std::string& path, const raster::OpenOptions& options) {
    const auto source = raster::open_scene(path, options);
    const raster::SceneInfo& info = source->info();
    std::string text = format("%s: %lld by %lld pixels, %zu bands, %s\n", path.c_str(), static_cast<long long>(info.width),
                              static_cast<long long>(info.height), info.bands.size(), info.driver.c_str());
    text += describe_place(info);
    text += format("overviews     %d\nbands\n", info.overviews);
    std::vector<BandDescription> image_bands;
    for (const BandDescription& band : info.bands) {
        const bool image = std::count(info.image_bands.begin(), info.image_bands.end(), band.number) > 0;
        if (image) image_bands.push_back(band);
        text += describe_band(band, image);
    }
    text += describe_picture(image_bands);
    const auto model = sam::describe_checkpoint(sam::CheckpointFile::from_memory(
        sam::default_checkpoint().data, sam::default_checkpoint().size, "embedded checkpoint"));
    text += "tiles         " + describe_tiles(info, model.image_size) + " (embedded model); " + describe_tiles(info, 1024) +
            " (published models)\n";
    text += "segmenting    " + forecast_of(path, options) + " (embedded model)\n";
    for (const std::string& warning : info.warnings) text += "warning       " + warning + "\n";
    return text;
}

std::string describe_checkpoint_file(const std::string& checkpoint, Progress& progress) {
    const sam::CheckpointFile file = open_checkpoint(checkpoint, progress);
    const sam::ModelInfo info = sam::describe_checkpoint(file);
    std::string text = file.name() + ": " + info.summary() + "\n";
    text += format("encoder       %s, pictures of %d by %d pixels, embedding %d by %d of %d channels\n", info.encoder.c_str(),
                   info.image_size, info.image_size, info.grid, info.grid, info.transformer_dim);
    if (!info.band_names.empty()) text += "bands         " + joined(info.band_names) + "\n";
    for (const auto& stage : info.stages)
        text += format("  stage       dim %d, depth %d, heads %d, window %d, MLP %d\n", stage.dim, stage.depth, stage.heads,
                       stage.window, stage.mlp_dim);
    text += format("decoder       depth %d, heads %d, MLP %d, %d mask tokens\n", info.decoder_depth, info.decoder_heads,
                   info.decoder_mlp_dim, info.mask_tokens);
    text += format("parameters    %lld\n", static_cast<long long>(info.parameters));
    return text;
}

std::string list_checkpoints() {
    std::string text = "published checkpoints, for --checkpoint by name or address (fetched once, kept in " +
                       checkpoint_cache_folder() + ")\n";
    for (const PublishedCheckpoint& c : published_checkpoints())
        text += format("  %-11s %-8s %5lld MB  %-11s %s\n", c.name.c_str(), c.encoder.c_str(),
                       static_cast<long long>(c.megabytes), c.license.c_str(), c.url.c_str());
    return text;
}

std::string list_presets() {
    std::string text = "presets, for --preset NAME or NAME:COMPOSITE\n";
    for (const std::string& name : bands::preset_names()) {
        const bands::Preset preset = bands::load_preset(name);
        text += format("  %-13s %s:", name.c_str(), preset.title.c_str());
        for (const auto& composite : preset.composites)
            text += " " + composite.name + (composite.name == preset.default_composite ? "*" : "");
        text += "\n";
    }
    return text + "  (* the default composite)\n";
}

std::string describe_preset(const std::string& name_or_path) {
    const bands::Preset preset = bands::load_preset(name_or_path);
    std::string text = preset.name + ": " + preset.title + "\nbands\n";
    for (const bands::PresetBand& band : preset.bands) {
        text += format("  %-6s %-12s %s", band.key.c_str(), band.common_name.c_str(), band.name.c_str());
        if (band.wavelength_nm) text += format(", %.0f nm (%.0f nm wide)", *band.wavelength_nm, band.bandwidth_nm);
        text += "\n";
    }
    text += "composites\n";
    for (const bands::Composite& composite : preset.composites)
        text += format("  %-16s %s%s\n", composite.name.c_str(), joined(composite.channels).c_str(),
                       composite.name == preset.default_composite ? "  (default)" : "");
    return text;
}

std::string describe_installation() {
    std::string text = "built with    " + raster::gdal_version() + ", " + sam::libtorch_version() + "\ndevices       " +
                       sam::device_names() + "\nwrites        ";
    for (const std::string& extension : output::layer_extensions()) text += extension + " ";
    text += "\npresets       ";
    for (const std::string& name : bands::preset_names()) text += name + " ";
    return text + "\n";
}

}  // namespace landseam::pipeline
