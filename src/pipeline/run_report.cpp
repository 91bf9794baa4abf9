#include "landseam/pipeline/run_report.h"

#include "landseam/core/error.h"
#include "landseam/output/html_report.h"
#include "landseam/output/layer_reader.h"
#include "landseam/output/quicklook.h"
#include "landseam/pipeline/settings_file.h"

#include "pipeline/layer_picture.h"
#include "pipeline/run_record.h"
#include "pipeline/seam_trace.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace landseam::pipeline {
namespace {

constexpr int overview_side = 1600, card_side = 320;  // pixels
constexpr std::size_t largest_shown = 10;

template <typename... Values>
std::string formatted(const char* format, Values... values) {
    char text[80];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

std::string count_text(std::int64_t count) {
    std::string digits = std::to_string(count);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

std::string duration_text(double seconds) {
    if (seconds >= 3600)
        return formatted("%.0f h %02.0f min", std::floor(seconds / 3600), std::fmod(seconds, 3600) / 60);
    if (seconds >= 60)
        return formatted("%.0f min %02.0f s", std::floor(seconds / 60), std::fmod(seconds, 60));
    return formatted("%.1f s", seconds);
}

// Three digits of small numbers, all of large ones.
std::string number_text(double number) {
    return number >= 1000 ? count_text(std::llround(number)) : formatted("%.3g", number);
}

std::string area_text(double square_metres) {
    if (square_metres >= 1e6) return number_text(square_metres / 1e6) + " km²";
    if (square_metres >= 1e4) return number_text(square_metres / 1e4) + " ha";
    return number_text(square_metres) + " m²";
}

// The numbers of a field; a Shapefile's names are cut.
std::vector<double> numbers_of(const output::ReadLayer& layer, const std::string& name) {
    const auto& names = layer.field_names;
    auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) place = std::find(names.begin(), names.end(), name.substr(0, 10));
    std::vector<double> numbers;
    if (place == names.end()) return numbers;
    for (const output::Feature& feature : layer.features) {
        const output::FieldValue& value = feature.values[static_cast<std::size_t>(place - names.begin())];
        if (const auto* real = std::get_if<double>(&value))
            numbers.push_back(*real);
        else if (const auto* whole = std::get_if<std::int64_t>(&value))
            numbers.push_back(static_cast<double>(*whole));
        else
            numbers.push_back(std::nan(""));
    }
    return numbers;
}

// Bins of equal width over [low, high].
output::ReportHistogram histogram_of(const std::string& title, const std::vector<double>& values, double low,
                                     double high, int bins, bool of_logarithms) {
    output::ReportHistogram histogram{title, {}, std::vector<std::int64_t>(static_cast<std::size_t>(bins))};
    for (int i = 0; i <= bins; ++i) {
        const double edge = low + (high - low) * i / bins;
        histogram.edges.push_back(of_logarithms ? number_text(std::pow(10, edge)) : formatted("%.2f", edge));
    }
    for (const double value : values) {
        const double at = of_logarithms ? std::log10(value) : value;
        if (!std::isfinite(at)) continue;
        const int bin = static_cast<int>(std::floor((at - low) / (high - low) * bins));
        ++histogram.counts[static_cast<std::size_t>(std::clamp(bin, 0, bins - 1))];
    }
    return histogram;
}

void add_histograms(const output::ReadLayer& layer, output::HtmlReport& report) {
    std::vector<double> areas = numbers_of(layer, "area_m2");
    const bool metres = std::any_of(areas.begin(), areas.end(), [](double a) { return std::isfinite(a); });
    if (!metres) areas = numbers_of(layer, "area_px");
    double low = 1e300, high = 1;
    for (const double area : areas)
        if (area > 0) low = std::min(low, area), high = std::max(high, area);
    if (low < 1e300) {
        // Four bins for each power of ten.
        const double first = std::floor(std::log10(low) * 4) / 4,
                     last = std::max(first + 0.25, std::ceil(std::log10(high) * 4) / 4);
        report.histograms.push_back(
            histogram_of(std::string("Segments by area, ") + (metres ? "m²" : "pixels") + ", logarithmic",
                         areas, first, last, static_cast<int>(std::lround((last - first) * 4)), true));
    }
    for (const auto& [field, title] :
         {std::pair<const char*, const char*>{"predicted_iou", "Segments by predicted IoU"},
          {"stability_score", "Segments by stability score"}}) {
        const std::vector<double> scores = numbers_of(layer, field);
        if (scores.empty()) continue;
        const double lowest = std::min(0.95, *std::min_element(scores.begin(), scores.end()));
        report.histograms.push_back(histogram_of(title, scores, std::floor(lowest * 20) / 20, 1, 20, false));
    }
}

void add_largest(const LayerPicture& picture, const output::ReadLayer& layer,
                 const std::vector<MultiPolygon>& outlines, output::HtmlReport& report) {
    const std::vector<double> metres = numbers_of(layer, "area_m2"),
                              scores = numbers_of(layer, "predicted_iou"), tiles = numbers_of(layer, "tiles"),
                              ids = numbers_of(layer, "id");
    std::vector<std::size_t> order(outlines.size());
    std::vector<double> areas;
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
        areas.push_back(area(outlines[i]));
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return areas[a] > areas[b]; });
    order.resize(std::min(order.size(), largest_shown));
    report.cards_title = order.size() == largest_shown ? "The ten largest segments" : "The largest segments";
    for (const std::size_t i : order) {
        output::ReportCard card;
        card.picture = {i < ids.size() ? formatted("Segment %.0f", ids[i]) : "",
                        picture.of_object(outlines[i], card_side)};
        if (i < metres.size() && std::isfinite(metres[i]))
            card.facts.emplace_back("area", area_text(metres[i]));
        card.facts.emplace_back("pixels", count_text(std::llround(areas[i])));
        if (i < scores.size()) card.facts.emplace_back("predicted IoU", formatted("%.3f", scores[i]));
        if (i < tiles.size()) card.facts.emplace_back("tiles", formatted("%.0f", tiles[i]));
        report.cards.push_back(std::move(card));
    }
}

void add_seams(const tiling::TilePyramid& run_tiles, const output::ReadLayer& layer,
               const std::vector<MultiPolygon>& outlines, bool exact, output::HtmlReport& report) {
    std::map<int, std::int64_t> by_tiles;
    for (const double tiles : numbers_of(layer, "tiles")) ++by_tiles[static_cast<int>(tiles)];
    output::ReportTable table{"Seams", "", {"seen by", "segments", "share"}, {}};
    for (const auto& [tiles, count] : by_tiles)
        table.rows.push_back({std::to_string(tiles) + (tiles == 1 ? " tile" : " tiles"), count_text(count),
                              formatted("%.1f %%", 100.0 * static_cast<double>(count) /
                                                       static_cast<double>(layer.features.size()))});
    const SeamReport seams = seam_trace(outlines, run_tiles);
    if (!exact)
        table.note = "Outlines are simplified, so how much of them lies on tile lines was not measured.";
    else if (seams.tile_lines > 0 && seams.ratio() > 0)
        table.note = "Along the " + count_text(seams.tile_lines) + " lines where tiles begin or end" +
                     formatted(" %.2f times as much outline lies", seams.ratio()) +
                     " as along others; 1 means no trace of the grid" +
                     formatted(", and lines elsewhere differ by %.2f from one another.", seams.chance());
    report.tables.push_back(std::move(table));
}

void add_timing(const RunRecord& record, output::HtmlReport& report) {
    output::ReportTable table{"Timing", "", {"phase", "steps", "time"}, {}};
    double told = 0;
    for (const RunRecord::Phase& phase : record.phases()) {
        table.rows.push_back({phase.name, count_text(phase.steps), duration_text(phase.seconds)});
        told += phase.seconds;
    }
    table.rows.push_back({"everything else", "", duration_text(std::max(0.0, record.seconds() - told))});
    table.rows.push_back({"in all", "", duration_text(record.seconds())});
    report.tables.push_back(std::move(table));
}

void add_facts(const SegmentOptions& options, const SegmentReport& run, const raster::SceneInfo& info,
               double seconds, output::HtmlReport& report) {
    report.facts = {
        {"segments", count_text(run.segments)},
        {"masks before the merge", count_text(run.masks)},
        {"tiles", count_text(run.tiles) +
                      (run.empty_tiles > 0 ? " (" + count_text(run.empty_tiles) + " without data)" : "")},
        {"scene, pixels", count_text(info.width) + " × " + count_text(info.height)},
        {"coordinate reference system",
         info.crs_code.empty() ? info.crs_name.empty() ? "none" : info.crs_name : info.crs_code},
        {"model", run.model},
        {"channels", run.picture},
        {"time", duration_text(seconds)},
        {"layer", std::filesystem::path(options.output).filename().string()}};
}

std::string text_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// Whether the settings are of a run with three channels.
bool shows_colors(const std::string& settings) {
    const auto json = nlohmann::json::parse(settings, nullptr, false);
    return json.is_object() && json.contains("plan") &&
           json["plan"].value("channels", nlohmann::json::array()).size() == 3;
}

void describe_run(const SegmentOptions& options, const SegmentReport& run, const RunRecord& record,
                  Progress& progress, output::HtmlReport& report) {
    const double seconds = record.seconds();
    const std::string settings_file = settings_path(options.output);
    report.settings = settings_file.empty() ? "" : text_of_file(settings_file);
    // The run's own channels and stretch, where these are colours.
    PictureOptions picture_options = options.picture;
    if (shows_colors(report.settings))
        picture_options.stretch_from = settings_file;
    else
        picture_options.channels.bands.clear();
    const auto silent = silent_progress();  // warnings were told during the run
    const ScenePicture scene = prepare_scene(options.scene, options.open, picture_options, *silent);
    const raster::SceneInfo& info = scene.source->info();
    const output::ReadLayer layer = output::read_layer(options.output, "", info.crs_wkt);
    const std::vector<MultiPolygon> outlines = in_scene_pixels(layer, info);
    const LayerPicture picture(scene, outlines);

    progress.begin("report", 1);
    add_facts(options, run, info, seconds, report);
    report.pictures.push_back(
        {"The segments on the scene, each in a colour of its own", picture.overview(overview_side)});
    add_histograms(layer, report);
    add_largest(picture, layer, outlines, report);
    if (!report.settings.empty())
        add_seams(read_grid(settings_file).pyramid(), layer, outlines, options.drawing.outlines.simplify == 0,
                  report);
    progress.end();
}

}  // namespace

SegmentReport segment_scene_with_report(const SegmentOptions& options, const std::string& report_path,
                                        Progress& progress) {
    if (!options.overwrite && std::filesystem::exists(report_path))
        throw Error(report_path, "exists already", "give another name, or --overwrite to replace it");
    RunRecord record(progress);
    output::HtmlReport report;
    report.title = std::filesystem::path(options.scene).filename().string();
    const auto finish = [&] {
        add_timing(record, report);
        report.warnings = record.warnings();
        output::write_html_report(report_path, report, options.overwrite);
    };
    SegmentReport run;
    try {
        run = segment_scene(options, record);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::usage) {
            report.failure = error.what();
            finish();
        }
        throw;
    }
    describe_run(options, run, record, progress, report);
    finish();
    return run;
}

}  // namespace landseam::pipeline
