#include "landseam/pipeline/outline_drawing.h"

#include "landseam/core/error.h"

#include "pipeline/mapped_polygons.h"

#include <algorithm>
#include <cmath>

namespace landseam::pipeline {
namespace {

using output::FieldType;
using output::FieldValue;

void square_up(DrawnOutlines& drawn, const raster::Georeference& georeference,
               const ParallelFor& parallel_for) {
    const Point pixel = georeference.known() ? georeference.pixel_size_m() : Point{0, 0};
    if (!(pixel.x > 0 && pixel.y > 0 && std::isfinite(pixel.x) && std::isfinite(pixel.y)))
        throw Error("--regularize", "needs a scene whose georeference tells the size of its pixels", "",
                    ErrorKind::usage);
    // y runs upwards, so that angles run counterclockwise.
    for (MultiPolygon& outline : drawn.outlines) outline = scaled(std::move(outline), {pixel.x, -pixel.y});
    vectors::RegularizeOptions options;
    options.suit_pixels(std::max(pixel.x, pixel.y));
    drawn.buildings = vectors::regularize(drawn.outlines, options, parallel_for);
    for (std::size_t i = 0; i < drawn.outlines.size(); ++i) {
        drawn.outlines[i] = scaled(std::move(drawn.buildings[i].geometry), {1 / pixel.x, -1 / pixel.y});
        drawn.buildings[i].geometry.clear();
    }
}

}  // namespace

DrawnOutlines draw_outlines(const ArrangedSegments& arranged, const DrawingOptions& options,
                            const raster::Georeference& georeference, const ParallelFor& parallel_for) {
    DrawnOutlines drawn;
    const std::size_t count = arranged.segments.size();
    drawn.outlines.resize(count);
    std::vector<double> deviations(count, 0);
    // Buildings are squared up from exact outlines.
    const vectors::OutlineOptions outlines = options.buildings ? vectors::OutlineOptions{} : options.outlines;
    parallel_for(count, [&](std::size_t i) {
        const RunMask& mask = arranged.segments[i].mask;
        vectors::Outline outline = arranged.corners.empty()
                                       ? vectors::trace_outline(mask, vectors::corners_of(mask), outlines)
                                       : vectors::trace_outline(mask, arranged.corners, outlines);
        drawn.outlines[i] = std::move(outline.polygons);
        deviations[i] = outline.deviation;
    });
    for (const double deviation : deviations) drawn.deviation = std::max(drawn.deviation, deviation);
    if (options.buildings) square_up(drawn, georeference, parallel_for);
    return drawn;
}

std::vector<output::FieldDefinition> drawing_fields(const OverlapOptions& overlap,
                                                    const DrawingOptions& drawing) {
    std::vector<output::FieldDefinition> fields;
    if (overlap.is_tree()) fields = {{"parent_id", FieldType::integer64}, {"depth", FieldType::integer64}};
    if (drawing.buildings)
        fields.insert(fields.end(), {{"main_angle", FieldType::real},
                                     {"iou_with_mask", FieldType::real},
                                     {"status", FieldType::text}});
    return fields;
}

void append_drawing_values(const ArrangedSegments& arranged, const DrawnOutlines& drawn, std::size_t i,
                           std::vector<output::FieldValue>& values) {
    if (!arranged.places.empty()) {
        const segments::TreePlace& place = arranged.places[i];
        values.push_back(place.parent < 0 ? FieldValue() : FieldValue(place.parent + 1));
        values.push_back(std::int64_t{place.depth});
    }
    if (!drawn.buildings.empty()) {
        const vectors::RegularBuilding& building = drawn.buildings[i];
        values.push_back(building.main_angle);
        values.push_back(building.iou);
        values.push_back(building.status);
    }
}

}  // namespace landseam::pipeline
