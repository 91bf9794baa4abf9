#include "pipeline/measured_layer_writer.h"

#include <iterator>
#include <set>
#include <utility>

namespace landseam::pipeline {

output::LayerOptions layer_over(const MeasureOptions& measured_with, const MeasuredLayer& measured,
                                const std::string& path, const std::string& layer_name, bool overwrite,
                                Progress& progress) {
    output::LayerOptions options;
    options.path = path;
    options.layer_name = layer_name;
    options.crs_wkt = measured.layer.crs_wkt;
    if (measured.own_crs != measured.layer.crs_wkt) options.target_crs = measured.own_crs;
    options.scene = measured_with.scene;
    options.overwrite = overwrite;
    options.metadata = {
        {"landseam", LANDSEAM_VERSION}, {"scene", measured_with.scene}, {"layer", measured_with.layer}};
    options.warn = [&progress](const std::string& message) { progress.warn(message); };
    return options;
}

MeasuredLayerWriter::MeasuredLayerWriter(output::LayerOptions options, MeasuredLayer& measured,
                                         const std::vector<output::FieldDefinition>& added)
    : measured_(measured) {
    std::set<std::string> replaced;
    for (const output::FieldDefinition& field : added) replaced.insert(field.name);
    for (std::size_t i = 0; i < measured.layer.fields.size(); ++i)
        if (!replaced.count(measured.layer.field_names[i])) {
            kept_.push_back(i);
            options.fields.push_back(measured.layer.fields[i]);
        }
    options.fields.insert(options.fields.end(), added.begin(), added.end());
    sink_ = output::open_layer(options);
}

void MeasuredLayerWriter::write(std::size_t i, std::vector<output::FieldValue> added) {
    output::Feature& source = measured_.layer.features[i];
    output::Feature feature;
    feature.id = source.id;
    feature.geometry = std::move(source.geometry);
    for (const std::size_t field : kept_) feature.values.push_back(std::move(source.values[field]));
    feature.values.insert(feature.values.end(), std::make_move_iterator(added.begin()),
                          std::make_move_iterator(added.end()));
    sink_->write(feature);
}

}  // namespace landseam::pipeline
