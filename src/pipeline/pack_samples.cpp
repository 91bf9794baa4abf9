#include "landseam/pipeline/pack_samples.h"

#include "landseam/core/error.h"
#include "landseam/raster/area_of_interest.h"
#include "landseam/raster/georeference.h"
#include "landseam/sam/samples.h"
#include "landseam/segments/region_hierarchy.h"

#include "pipeline/label_levels.h"
#include "pipeline/stop.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace landseam::pipeline {
namespace {

constexpr std::int64_t kMostPixels = 400'000'000;
constexpr std::int64_t kMostPixelsForRegions = 100'000'000;
constexpr std::int64_t kRowsAtOnce = 512;

// The picture that the model sees, row by row, and which of its pixels are valid.
struct Picture {
    ImageU8 rgb;  // or as many channels as are asked for
    ImageU8 valid;
};

PixelBox packed_window(const PackOptions& options, const raster::SceneInfo& info, const MultiPolygon& area) {
    PixelBox window{0, 0, info.width, info.height};
    if (!area.empty()) {
        double x0 = 1e18, y0 = 1e18, x1 = -1e18, y1 = -1e18;
        for (const Polygon& polygon : area)
            for (const Point& p : polygon.outer) {
                x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
                y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
            }
        // Pixels whose centres lie between these lines, allowing for rounding in the world coordinates.
        const auto first = [](double edge) { return std::llround(std::clamp(edge, -1e9, 1e9)); };
        window = intersection(window, {first(x0), first(y0), first(x1) - first(x0), first(y1) - first(y0)});
    }
    if (window.empty())
        throw Error(options.area_of_interest, "holds no pixel of the scene '" + options.scene + "'",
                    "give a larger --aoi");
    const std::int64_t most = options.region_scales.empty() ? kMostPixels : kMostPixelsForRegions;
    if (window.area() > most)
        throw Error(options.scene,
                    "is to be packed with " + std::to_string(window.width) + " by " +
                        std::to_string(window.height) + " pixels, and a sample holds " +
                        std::to_string(most / 1'000'000) + " million" +
                        (options.region_scales.empty() ? "" : " where regions are looked for"),
                    "pack a part with --aoi, or coarser pixels with --gsd");
    return window;
}

Picture read_picture(const ScenePicture& scene, const PixelBox& window, const MultiPolygon& area,
                     Progress& progress) {
    const int width = static_cast<int>(window.width), height = static_cast<int>(window.height);
    Picture picture{ImageU8(width, height, static_cast<int>(scene.plan.channels.size())),
                    ImageU8(width, height)};
    progress.begin("rows", window.height);
    for (std::int64_t y = 0; y < window.height; y += kRowsAtOnce) {
        check_stop();
        const PixelBox strip{window.x, window.y + y, window.width, std::min(kRowsAtOnce, window.height - y)};
        RasterWindow pixels = scene.source->read(strip, scene.plan.source_bands);
        cut_to_area(pixels.valid, strip, area);
        const ImageU8 rgb = bands::to_rgb(pixels, scene.plan, scene.stretch);
        std::copy(rgb.values.begin(), rgb.values.end(), picture.rgb.row(static_cast<int>(y)));
        std::copy(pixels.valid.values.begin(), pixels.valid.values.end(),
                  picture.valid.row(static_cast<int>(y)));
        progress.update(y + strip.height, "");
    }
    progress.end();
    return picture;
}

// Band by band.
std::vector<std::uint8_t> planar(const ImageU8& picture) {
    std::vector<std::uint8_t> values(picture.values.size());
    const std::size_t pixels = picture.pixel_count(), channels = static_cast<std::size_t>(picture.channels);
    for (std::size_t i = 0; i < pixels; ++i)
        for (std::size_t c = 0; c < channels; ++c) values[c * pixels + i] = picture.values[i * channels + c];
    return values;
}

std::string region_level_name(double scale) {
    std::ostringstream name;
    name << sam::SampleLevel::guessed_prefix << scale;
    return name.str();
}

void add_regions(const PackOptions& options, const Picture& picture, Progress& progress,
                 std::vector<sam::SampleLevel>& levels) {
    if (options.region_scales.empty()) return;
    progress.begin("regions", 1);
    std::vector<segments::RegionMap> maps =
        segments::region_hierarchy(picture.rgb, picture.valid, options.region_scales);
    for (std::size_t i = 0; i < maps.size(); ++i) {
        check_stop();
        segments::keep_clear_regions(maps[i], picture.rgb);
        for (std::int32_t& id : maps[i].values)
            if (id == 0) id = sam::SampleLevel::unknown;
        levels.push_back({region_level_name(options.region_scales[i]), std::move(maps[i].values)});
    }
    progress.update(1, "");
    progress.end();
}

// Numbers objects from 1 without gaps, once invalid pixels belong to none.
PackedLevel finish_level(sam::SampleLevel& level, const ImageU8& valid) {
    PackedLevel report{level.name};
    std::vector<std::int32_t> numbers(
        static_cast<std::size_t>(std::max(0, *std::max_element(level.ids.begin(), level.ids.end()))) + 1);
    for (std::size_t i = 0; i < level.ids.size(); ++i) {
        std::int32_t& id = level.ids[i];
        if (!valid.values[i]) {
            id = sam::SampleLevel::unknown;
        } else if (id > 0) {
            std::int32_t& number = numbers[static_cast<std::size_t>(id)];
            if (number == 0) number = static_cast<std::int32_t>(++report.objects);
            id = number;
            ++report.object_pixels;
        } else {
            report.unknown_pixels += id == sam::SampleLevel::unknown;
        }
    }
    return report;
}

double known_gsd(const raster::SceneInfo& info) {
    const double gsd = raster::Georeference(info).gsd_m();
    return std::isfinite(gsd) ? gsd : 0;
}

}  // namespace

void PackOptions::validate() const {
    const auto refuse = [](const std::string& subject, const std::string& cause, const std::string& remedy) {
        throw Error(subject, cause, remedy, ErrorKind::usage);
    };
    open.validate();
    picture.stretch.validate();
    if (scene.empty()) refuse("--scene", "is missing", "name the raster to pack");
    if (std::filesystem::path(output).extension() != ".safetensors")
        refuse(output, "is no name for packed samples", "let it end in .safetensors");
    if (labels.empty() && region_scales.empty())
        refuse(scene, "has nothing to learn from: neither labels nor regions",
               "give --labels PATH or --regions 10,30,100");
    segments::check_scales(region_scales);
    for (const LabelSource& source : labels) {
        if (!(source.min_solidity >= 0 && source.min_solidity <= 1))
            refuse("--min-solidity", "must be from 0 to 1", "");
        if (source.resolved_kind() == LabelKind::polygons && source.class_field.empty() &&
            !source.ignore.empty())
            refuse("--ignore", "needs --class-field where labels are polygons", "");
    }
}

PackReport pack_samples(const PackOptions& options, Progress& progress) {
    options.validate();
    if (!options.overwrite && std::filesystem::exists(options.output))
        throw Error(options.output, "exists already", "give another name, or --overwrite to replace it");
    PictureOptions wanted = options.picture;
    wanted.channels.count = 0;  // any number
    const ScenePicture scene = prepare_scene(options.scene, options.open, wanted, progress);
    const raster::SceneInfo& info = scene.source->info();
    const MultiPolygon area = options.area_of_interest.empty()
                                  ? MultiPolygon{}
                                  : raster::read_area_of_interest(options.area_of_interest, info);
    const PixelBox window = packed_window(options, info, area);
    std::vector<sam::SampleLevel> levels;
    for (const LabelSource& source : options.labels) levels.push_back(label_level(source, info, window));
    Picture picture = read_picture(scene, window, area, progress);

    PackReport report;
    report.width = window.width;
    report.height = window.height;
    report.valid_pixels =
        std::count(picture.valid.values.begin(), picture.valid.values.end(), std::uint8_t{1});
    if (report.valid_pixels == 0)
        throw Error(options.scene, "holds no valid pixel where it is to be packed",
                    "check its nodata value and --aoi");
    report.gsd_m = known_gsd(info);
    report.picture = scene.plan.describe();
    add_regions(options, picture, progress, levels);

    sam::Sample sample;
    sample.width = static_cast<int>(window.width);
    sample.height = static_cast<int>(window.height);
    sample.gsd_m = report.gsd_m;
    sample.bands = scene.plan.names();
    sample.pixels = planar(picture.rgb);
    for (sam::SampleLevel& level : levels) {
        report.levels.push_back(finish_level(level, picture.valid));
        if (report.levels.back().objects > 0)
            sample.levels.push_back(std::move(level));
        else
            progress.warn("'" + level.name + "' has no object on '" + options.scene + "' and is left out");
    }
    if (sample.levels.empty())
        throw Error(options.scene, "has no object on it to learn from",
                    "check that the labels lie on it, or look for regions at other scales");
    sample.valid = std::move(picture.valid.values);
    sam::write_sample(options.output, sample);
    return report;
}

}  // namespace landseam::pipeline
