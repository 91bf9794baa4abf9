// A measured layer written again, with more fields.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/output/layer_sink.h"
#include "landseam/pipeline/measure_layer.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace landseam::pipeline {

// Options of a layer over the measured one's scene, in its CRS; what the caller may still set: fields,
// style_field.
output::LayerOptions layer_over(const MeasureOptions& measured_with, const MeasuredLayer& measured,
                                const std::string& path, const std::string& layer_name, bool overwrite,
                                Progress& progress);

// Features keep their ids, geometries and fields, but for fields that have the name of an added one.
class MeasuredLayerWriter {
public:
    // `measured` must outlive this; what was written of it is gone. Throws Error as output::open_layer.
    MeasuredLayerWriter(output::LayerOptions options, MeasuredLayer& measured,
                        const std::vector<output::FieldDefinition>& added);

    // Feature `i` of the layer, once at most, with the values of the added fields.
    void write(std::size_t i, std::vector<output::FieldValue> added);
    void close() { sink_->close(); }

private:
    MeasuredLayer& measured_;
    std::vector<std::size_t> kept_;
    std::unique_ptr<output::LayerSink> sink_;
};

}  // namespace landseam::pipeline
