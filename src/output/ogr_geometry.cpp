#include "output/ogr_geometry.h"

#include <utility>

namespace landseam::output {
namespace {

std::unique_ptr<OGRLinearRing> ring_to_ogr(const Ring& ring) {
    auto result = std::make_unique<OGRLinearRing>();
    const int count = static_cast<int>(ring.size());
    result->setNumPoints(count + 1, FALSE);
    for (int i = 0; i < count; ++i) result->setPoint(i, ring[i].x, ring[i].y);
    result->setPoint(count, ring.front().x, ring.front().y);
    return result;
}

Ring ring_from_ogr(const OGRLinearRing& ring) {
    Ring result;
    const int count = ring.getNumPoints();
    for (int i = 0; i < count; ++i) result.push_back({ring.getX(i), ring.getY(i)});
    if (result.size() > 1 && result.front() == result.back()) result.pop_back();
    return result;
}

void append_polygons(const OGRGeometry& geometry, MultiPolygon& polygons) {
    const OGRwkbGeometryType type = wkbFlatten(geometry.getGeometryType());
    if (geometry.IsEmpty()) return;
    if (type == wkbPolygon || type == wkbTriangle) {
        const auto& polygon = static_cast<const OGRPolygon&>(geometry);
        Polygon result{ring_from_ogr(*polygon.getExteriorRing()), {}};
        for (int i = 0; i < polygon.getNumInteriorRings(); ++i)
            result.holes.push_back(ring_from_ogr(*polygon.getInteriorRing(i)));
        polygons.push_back(std::move(result));
    } else if (OGR_GT_IsSubClassOf(type, wkbGeometryCollection)) {
        for (const OGRGeometry* part : static_cast<const OGRGeometryCollection&>(geometry))
            append_polygons(*part, polygons);
    } else if (OGR_GT_IsSubClassOf(type, wkbPolyhedralSurface)) {
        const auto& surface = static_cast<const OGRPolyhedralSurface&>(geometry);
        for (const OGRPolygon* part : surface) append_polygons(*part, polygons);
    }
}

}  // namespace

std::unique_ptr<OGRMultiPolygon> to_ogr(const MultiPolygon& polygons) {
    auto result = std::make_unique<OGRMultiPolygon>();
    for (const Polygon& polygon : polygons) {
        auto part = std::make_unique<OGRPolygon>();
        part->addRingDirectly(ring_to_ogr(polygon.outer).release());
        for (const Ring& hole : polygon.holes) part->addRingDirectly(ring_to_ogr(hole).release());
        result->addGeometryDirectly(part.release());
    }
    return result;
}

MultiPolygon from_ogr(const OGRGeometry& geometry) {
    MultiPolygon polygons;
    const std::unique_ptr<OGRGeometry> linear(geometry.getLinearGeometry());
    if (linear) append_polygons(*linear, polygons);
    return polygons;
}

void append_points_and_lines(const OGRGeometry& geometry, std::vector<Point>& points,
                             std::vector<std::vector<Point>>& lines) {
    const OGRwkbGeometryType type = wkbFlatten(geometry.getGeometryType());
    if (geometry.IsEmpty()) return;
    if (type == wkbPoint) {
        const auto& point = static_cast<const OGRPoint&>(geometry);
        points.push_back({point.getX(), point.getY()});
    } else if (OGR_GT_IsCurve(type)) {
        const std::unique_ptr<OGRLineString> line(static_cast<const OGRCurve&>(geometry).CurveToLine());
        std::vector<Point> vertices;
        for (int i = 0; line && i < line->getNumPoints(); ++i)
            vertices.push_back({line->getX(i), line->getY(i)});
        if (vertices.size() > 1) lines.push_back(std::move(vertices));
    } else if (OGR_GT_IsSubClassOf(type, wkbGeometryCollection)) {
        for (const OGRGeometry* part : static_cast<const OGRGeometryCollection&>(geometry))
            append_points_and_lines(*part, points, lines);
    }
}

}  // namespace landseam::output
