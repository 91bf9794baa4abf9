#include "landseam/pipeline/regularize_layer.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"
#include "landseam/output/layer_sink.h"
#include "landseam/vectors/pixel_outlines.h"
#include "landseam/vectors/simplify.h"

#include "pipeline/threads.h"
#include "pipeline/tile_run.h"

#include <algorithm>

namespace landseam::pipeline {
namespace {

// With the fields of an earlier run left out, for they are written anew.
std::vector<std::size_t> kept_fields(const output::ReadLayer& layer) {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < layer.fields.size(); ++i) {
        const std::string& name = layer.fields[i].name;
        if (name != "main_angle" && name != "iou_with_mask" && name != "status") kept.push_back(i);
    }
    return kept;
}

}  // namespace

void RegularizeLayerOptions::validate() const {
    buildings.validate();
    check_threads(threads);
}

RegularizeReport regularize_layer(const RegularizeLayerOptions& options, Progress& progress) {
    options.validate();
    const int threads = threads_or_cores(options.threads);
    const ThreadLimit limit(threads);
    output::ReadLayer layer = output::read_layer(options.layer);
    const std::string own_crs = layer.crs_wkt, frame = output::measuring_crs(own_crs, layer.features);
    if (frame != own_crs && !frame.empty()) layer = output::read_layer(options.layer, "", frame);

    output::LayerOptions sink_options;
    sink_options.path = options.output;
    sink_options.layer_name = options.layer_name;
    sink_options.crs_wkt = layer.crs_wkt;
    if (layer.crs_wkt != own_crs) sink_options.target_crs = own_crs;
    const std::vector<std::size_t> kept = kept_fields(layer);
    for (const std::size_t i : kept) sink_options.fields.push_back(layer.fields[i]);
    using output::FieldType;
    sink_options.fields.insert(
        sink_options.fields.end(),
        {{"main_angle", FieldType::real}, {"iou_with_mask", FieldType::real}, {"status", FieldType::text}});
    sink_options.style_field = "status";
    sink_options.scene = options.layer;
    sink_options.overwrite = options.overwrite;
    sink_options.metadata = {{"landseam", LANDSEAM_VERSION}, {"layer", options.layer}};
    sink_options.warn = [&progress](const std::string& message) { progress.warn(message); };
    const auto sink = output::open_layer(sink_options);

    std::vector<MultiPolygon> polygons;
    for (output::Feature& feature : layer.features) polygons.push_back(vectors::make_valid(feature.geometry));
    progress.begin("buildings", static_cast<std::int64_t>(polygons.size()));
    RegularizeReport report;
    vectors::RegularizeOptions wanted = options.buildings;
    if (options.find_pixels) report.pixel_side = vectors::pixel_side(polygons);
    if (report.pixel_side > 0) wanted.suit_pixels(report.pixel_side);
    const std::vector<vectors::RegularBuilding> buildings =
        vectors::regularize(polygons, wanted, shared_with_idle_threads());
    for (std::size_t i = 0; i < buildings.size(); ++i) {
        const vectors::RegularBuilding& building = buildings[i];
        if (building.geometry.empty()) continue;
        output::Feature feature;
        feature.id = layer.features[i].id;
        feature.geometry = building.geometry;
        for (const std::size_t field : kept) feature.values.push_back(layer.features[i].values[field]);
        feature.values.push_back(building.main_angle);
        feature.values.push_back(building.iou);
        feature.values.push_back(building.status);
        sink->write(feature);
        ++report.buildings;
        report.kept += building.status.compare(0, 4, "kept") == 0;
        report.vertices_before += static_cast<std::int64_t>(vertex_count(polygons[i]));
        report.vertices_after += static_cast<std::int64_t>(vertex_count(building.geometry));
        report.mean_iou += building.iou;
    }
    if (report.buildings > 0) report.mean_iou /= static_cast<double>(report.buildings);
    progress.end();
    sink->close();
    return report;
}

}  // namespace landseam::pipeline
