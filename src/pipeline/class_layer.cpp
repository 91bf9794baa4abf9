#include "pipeline/class_layer.h"

#include "landseam/output/layer_sink.h"
#include "landseam/raster/georeference.h"
#include "landseam/segments/overlaps.h"
#include "landseam/vectors/trace.h"

#include "pipeline/measured_layer_writer.h"
#include "pipeline/polygon_masks.h"

#include <algorithm>
#include <map>
#include <utility>

namespace landseam::pipeline {
namespace {

using output::FieldType;

void write_segments(output::LayerOptions layer, const StoredClassModel& model, MeasuredLayer& measured,
                    const std::vector<ClassifiedSegment>& chosen) {
    MeasuredLayerWriter writer(
        std::move(layer), measured,
        {{"class", FieldType::text}, {"probability", FieldType::real}, {"second", FieldType::text}});
    for (const ClassifiedSegment& segment : chosen)
        writer.write(segment.segment, {model.model.classes[segment.label], segment.probability,
                                       model.model.classes[segment.second]});
    writer.close();
}

// Which segments a part is made of is told by the pixels that they share.
std::map<std::string, std::int64_t> write_dissolved(output::LayerOptions layer, const StoredClassModel& model,
                                                    const MeasuredLayer& measured,
                                                    const std::vector<ClassifiedSegment>& chosen) {
    layer.fields = {
        {"class", FieldType::text}, {"probability", FieldType::real}, {"segments", FieldType::integer64}};
    const auto sink = output::open_layer(layer);
    const raster::Georeference georeference(measured.scene);
    std::map<std::string, std::int64_t> written;
    std::int64_t id = 0;
    for (std::size_t c = 0; c < model.model.classes.size(); ++c) {
        std::vector<const RunMask*> masks;
        std::vector<const ClassifiedSegment*> members;
        for (const ClassifiedSegment& segment : chosen)
            if (segment.label == c && !measured.masks[segment.segment].empty()) {
                masks.push_back(&measured.masks[segment.segment]);
                members.push_back(&segment);
            }
        if (masks.empty()) continue;
        const MultiPolygon whole = vectors::trace(set_union(masks));
        std::vector<RunMask> parts;
        for (const Polygon& polygon : whole) parts.push_back(polygon_mask({polygon}, measured.scene));
        std::vector<const RunMask*> all;
        for (const RunMask& part : parts) all.push_back(&part);
        all.insert(all.end(), masks.begin(), masks.end());
        std::vector<double> weight(parts.size()), sum(parts.size());
        std::vector<std::int64_t> count(parts.size());
        for (const segments::SharedPixels& pair : segments::shared_pixels(all))
            if (pair.first < parts.size() && pair.second >= parts.size()) {
                const auto pixels = static_cast<double>(pair.pixels);
                weight[pair.first] += pixels;
                sum[pair.first] += pixels * members[pair.second - parts.size()]->probability;
                ++count[pair.first];
            }
        for (std::size_t k = 0; k < parts.size(); ++k) {
            output::Feature feature;
            feature.id = ++id;
            feature.geometry = georeference.to_world({whole[k]});
            feature.values = {model.model.classes[c], weight[k] > 0 ? sum[k] / weight[k] : 0, count[k]};
            sink->write(feature);
            ++written[model.model.classes[c]];
        }
    }
    sink->close();
    return written;
}

}  // namespace

std::string joined_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::vector<std::pair<std::string, std::int64_t>> write_classes(const ClassifyOptions& options,
                                                                const StoredClassModel& model,
                                                                MeasuredLayer measured,
                                                                const std::vector<ClassifiedSegment>& chosen,
                                                                Progress& progress) {
    output::LayerOptions layer =
        layer_over(options, measured, options.output, options.layer_name, options.overwrite, progress);
    layer.style_field = "class";
    layer.metadata["model"] = options.model.empty() ? options.samples.layer : options.model;
    std::map<std::string, std::int64_t> counts;
    if (options.dissolve) {
        counts = write_dissolved(layer, model, measured, chosen);
    } else {
        for (const ClassifiedSegment& segment : chosen) ++counts[model.model.classes[segment.label]];
        write_segments(layer, model, measured, chosen);
    }
    if (chosen.empty())
        progress.warn("no segment is of the class '" + options.only + "': the layer is empty");
    return {counts.begin(), counts.end()};
}

}  // namespace landseam::pipeline
