#include "landseam/pipeline/seam_report.h"

#include "landseam/core/geo_transform.h"
#include "landseam/output/layer_reader.h"
#include "landseam/pipeline/settings_file.h"

#include "pipeline/mapped_polygons.h"
#include "pipeline/seam_trace.h"

#include <utility>
#include <vector>

namespace landseam::pipeline {

SeamReport measure_seams(const std::string& layer) {
    const StoredGrid stored = read_grid(settings_path(layer));
    const GeoTransform transform = stored.geo_transform.value_or(GeoTransform{});
    std::vector<MultiPolygon> outlines;
    for (output::Feature& feature : output::read_layer(layer, "", stored.crs_wkt).features)
        outlines.push_back(
            mapped(std::move(feature.geometry), [&](Point p) { return transform.to_pixel(p); }));
    return seam_trace(outlines, stored.pyramid());
}

}  // namespace landseam::pipeline
