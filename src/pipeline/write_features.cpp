#include "landseam/core/error.h"
#include "landseam/pipeline/measure_layer.h"

#include "output/staged_output.h"
#include "pipeline/measured_layer_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace landseam::pipeline {
namespace {

std::string number_text(float value) {
    if (!std::isfinite(value)) return {};
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", static_cast<double>(value));
    return text;
}

void write_table(const WriteFeaturesOptions& options, const MeasuredLayer& measured) {
    output::StagedOutput staged(options.output, options.overwrite);
    std::ofstream file(staged.path(), std::ios::binary);
    file << "id";
    for (const std::string& name : measured.features.names) file << ',' << name;
    file << '\n';
    const auto& names = measured.layer.field_names;
    const auto id = static_cast<std::size_t>(std::find(names.begin(), names.end(), "id") - names.begin());
    for (std::size_t i = 0; i < measured.features.rows(); ++i) {
        const output::Feature& feature = measured.layer.features[i];
        const auto* own = id < names.size() ? std::get_if<std::int64_t>(&feature.values[id]) : nullptr;
        file << (own ? *own : feature.id);
        for (std::size_t k = 0; k < measured.features.columns(); ++k)
            file << ',' << number_text(measured.features.row(i)[k]);
        file << '\n';
    }
    file.close();
    if (!file) throw Error(options.output, "cannot be written", "make room on the disk", ErrorKind::passing);
    staged.publish();
}

void write_layer(const WriteFeaturesOptions& options, MeasuredLayer measured, Progress& progress) {
    std::vector<output::FieldDefinition> fields;
    for (const std::string& name : measured.features.names) fields.push_back({name, output::FieldType::real});
    MeasuredLayerWriter writer(
        layer_over(options, measured, options.output, options.layer_name, options.overwrite, progress),
        measured, fields);
    for (std::size_t i = 0; i < measured.layer.features.size(); ++i) {
        const float* const row = measured.features.row(i);
        writer.write(i, {row, row + measured.features.columns()});
    }
    writer.close();
}

}  // namespace

std::int64_t write_features(const WriteFeaturesOptions& options, Progress& progress) {
    const bool table = std::filesystem::path(options.output).extension() == ".csv";
    if (std::filesystem::exists(options.output) && !options.overwrite)
        throw Error(options.output, "exists", "name another output, or replace it with --overwrite");
    MeasuredLayer measured = measure_layer(options, progress);
    if (measured.outside > 0)
        progress.warn(
            std::to_string(measured.outside) +
            " segments have no valid pixel of the scene under them: what is measured in it is empty");
    const auto written = static_cast<std::int64_t>(measured.features.rows());
    table ? write_table(options, measured) : write_layer(options, std::move(measured), progress);
    return written;
}

}  // namespace landseam::pipeline
