#include "vectors/outline_scores.h"

namespace landseam::vectors {
namespace {

constexpr int arc_segments = 16;  // of a quarter circle, where a band's inner edge is round

// What lies inside, at most `width` from the outline.
Geometry inner_band(const Geos& geos, const GEOSGeometry* geometry, double width) {
    const Geometry core =
        geos.checked(GEOSBuffer_r(geos.handle(), geometry, -width, arc_segments), "a buffer");
    return geos.checked(GEOSDifference_r(geos.handle(), geometry, core.get()), "a difference");
}

double boundary_iou(const Geos& geos, const Pair& pair, double width) {
    const Geometry a = inner_band(geos, pair.first->geometry.get(), width);
    const Geometry b = inner_band(geos, pair.second->geometry.get(), width);
    const double shared =
        geos.area(geos.checked(GEOSIntersection_r(geos.handle(), a.get(), b.get()), "an intersection").get());
    return shared / (geos.area(a.get()) + geos.area(b.get()) - shared);
}

template <typename Use>
void for_each_vertex(const MultiPolygon& polygons, const Use& use) {
    for (const Polygon& polygon : polygons) {
        for (const Point& point : polygon.outer) use(point);
        for (const Ring& hole : polygon.holes)
            for (const Point& point : hole) use(point);
    }
}

struct Distances {
    double sum = 0;
    double vertices = 0;
};

// From the vertices of one shape to the outline of the other.
Distances vertex_distances(const Geos& geos, const Shape& from, const Shape& to) {
    const GEOSContextHandle_t handle = geos.handle();
    const Geometry outline = geos.checked(GEOSBoundary_r(handle, to.geometry.get()), "an outline");
    const std::unique_ptr<const GEOSPreparedGeometry, std::function<void(const GEOSPreparedGeometry*)>>
        prepared(GEOSPrepare_r(handle, outline.get()),
                 [handle](const GEOSPreparedGeometry* p) { GEOSPreparedGeom_destroy_r(handle, p); });
    if (!prepared) geos.fail("an index of an outline");
    Distances result;
    for_each_vertex(geos.from_geos(from.geometry.get()), [&](const Point& vertex) {
        const Geometry point =
            geos.checked(GEOSGeom_createPointFromXY_r(handle, vertex.x, vertex.y), "a point");
        double distance = 0;
        if (!GEOSPreparedDistance_r(handle, prepared.get(), point.get(), &distance)) geos.fail("a distance");
        result.sum += distance;
        ++result.vertices;
    });
    return result;
}

}  // namespace

OutlineScores score_outlines(const Geos& geos, const std::vector<Pair>& pairs, double boundary_width) {
    OutlineScores scores;
    scores.boundary_width = boundary_width;
    double predicted_vertices = 0, true_vertices = 0;
    for (const Pair& pair : pairs) {
        const Distances there = vertex_distances(geos, *pair.first, *pair.second);
        const Distances back = vertex_distances(geos, *pair.second, *pair.first);
        scores.polis += (there.sum / there.vertices + back.sum / back.vertices) / 2;
        scores.boundary_iou += boundary_iou(geos, pair, boundary_width);
        predicted_vertices += there.vertices;
        true_vertices += back.vertices;
    }
    if (pairs.empty()) return scores;
    scores.polis /= static_cast<double>(pairs.size());
    scores.boundary_iou /= static_cast<double>(pairs.size());
    scores.vertex_ratio = predicted_vertices / true_vertices;
    return scores;
}

double covered_area(const Geos& geos, const std::vector<const Shape*>& shapes) {
    const GEOSContextHandle_t handle = geos.handle();
    std::vector<GEOSGeometry*> copies;
    for (const Shape* shape : shapes) copies.push_back(GEOSGeom_clone_r(handle, shape->geometry.get()));
    const Geometry all =
        geos.checked(GEOSGeom_createCollection_r(handle, GEOS_GEOMETRYCOLLECTION, copies.data(),
                                                 static_cast<unsigned>(copies.size())),
                     "a collection");
    return geos.area(geos.checked(GEOSUnaryUnion_r(handle, all.get()), "a union").get());
}

}  // namespace landseam::vectors
