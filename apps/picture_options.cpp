#include "picture_options.h"

#include <map>
#include <vector>

namespace landseam::apps {
namespace {

// "lo,hi" for all channels or "lo,hi,lo,hi,lo,hi" and so on for each.
void set_ranges(bands::StretchOptions& stretch, const std::vector<double>& values) {
    if (values.size() % 2 != 0)
        throw CLI::ValidationError("--range", "takes lo,hi for all channels or lo,hi,lo,hi,lo,hi for each");
    stretch.method = bands::StretchMethod::fixed;
    stretch.ranges.clear();
    for (std::size_t i = 0; i < values.size(); i += 2) stretch.ranges.push_back({values[i], values[i + 1]});
}

}  // namespace

void add_picture_options(CLI::App& command, pipeline::PictureOptions& picture, raster::OpenOptions& open) {
    const std::string group = "Scene";
    auto& stretch = picture.stretch;
    command.add_option("--preset", picture.channels.preset,
                       "Sensor preset, with or without a composite: sentinel2, sentinel2:false-color, my.toml:water "
                       "[what suits the file]; 'landseam info --presets' lists them")
        ->group(group)
        ->default_str("");
    command.add_option("--bands", picture.channels.bands,
                       "Channels, three or as many as the model takes: band numbers, names or indices, as 4,3,2 or "
                       "nir,red,ndvi, or pca")
        ->group(group)
        ->default_str("");
    command.add_option("--gsd", open.gsd, "Resample the scene to this many metres on the ground a pixel")->group(group);
    command.add_option_function<std::vector<double>>(
               "--percentiles",
               [&stretch](const std::vector<double>& values) {
                   stretch.method = bands::StretchMethod::percentile;
                   stretch.low_percentile = values[0];
                   stretch.high_percentile = values[1];
               },
               "Stretch from this to that percentile of the scene's valid pixels, as 2,98 [what the preset says]")
        ->delimiter(',')->expected(2)->type_name("LO,HI")->group(group);
    command.add_option_function<std::vector<double>>(
               "--range", [&stretch](const std::vector<double>& values) { set_ranges(stretch, values); },
               "Stretch from this to that value, for all channels or each: lo,hi or lo,hi,lo,hi,lo,hi")
        ->delimiter(',')->expected(2, 512)->type_name("LO,HI")->group(group);
    command.add_flag_callback("--no-stretch", [&stretch] { stretch.method = bands::StretchMethod::none; },
                              "Take values 0 to 255 as they are")
        ->group(group);
    command.add_option("--gamma", stretch.gamma, "Brighten (above 1) or darken after the stretch")->group(group);
    command.add_option("--stretch-from", picture.stretch_from,
                       "Settings file of an earlier run (OUTPUT.settings.json): use its channels and stretch")
        ->group(group)
        ->default_str("");
    command.add_option("--oo", open.open_options, "Open option of the scene's GDAL driver, NAME=VALUE")
        ->type_name("NAME=VALUE")
        ->group(group);
}

}  // namespace landseam::apps
