#include "vectors/simplify_group.h"

#include "vectors/geometry_index.h"

#include <cstddef>
#include <memory>
#include <utility>

namespace landseam::vectors {
namespace {

constexpr double share_of_tolerance = 1e-3;  // side of the grid's cells

class Together {
public:
    Together(const Geos& geos, const std::vector<const MultiPolygon*>& polygons) : geos_(geos) {
        for (const MultiPolygon* polygon : polygons) own_.push_back(geos.to_geos(*polygon));
        std::vector<const GEOSGeometry*> all;
        for (const Geometry& polygon : own_) all.push_back(polygon.get());
        index_ = std::make_unique<GeometryIndex>(geos, all);
    }

    std::vector<MultiPolygon> simplified(double tolerance) const {
        const GEOSContextHandle_t handle = geos_.handle();
        const Geometry lines = geos_.checked(GEOSLineMerge_r(handle, united(outlines()).get()), "outlines");
        const Geometry simple =
            geos_.checked(GEOSTopologyPreserveSimplify_r(handle, lines.get(), tolerance), "simpler outlines");
        // On a grid, so that lines which do not meet are far enough apart to stay so in another CRS.
        const Geometry noded = geos_.checked(
            GEOSUnaryUnionPrec_r(handle, simple.get(), share_of_tolerance * tolerance), "noded outlines");
        const GEOSGeometry* const only = noded.get();
        const Geometry faces = geos_.checked(GEOSPolygonize_r(handle, &only, 1), "faces between outlines");
        std::vector<std::vector<Geometry>> parts(own_.size());
        for (int f = 0; f < GEOSGetNumGeometries_r(handle, faces.get()); ++f)
            hand_out(GEOSGetGeometryN_r(handle, faces.get(), f), parts);
        std::vector<MultiPolygon> result;
        for (std::vector<Geometry>& of_one : parts)
            result.push_back(geos_.from_geos(united(std::move(of_one)).get()));
        return result;
    }

private:
    std::vector<Geometry> outlines() const {
        std::vector<Geometry> lines;
        for (const Geometry& polygon : own_)
            lines.push_back(geos_.checked(GEOSBoundary_r(geos_.handle(), polygon.get()), "an outline"));
        return lines;
    }

    Geometry united(std::vector<Geometry> parts) const {
        std::vector<GEOSGeometry*> given;
        for (Geometry& part : parts) given.push_back(part.release());
        const Geometry all =
            geos_.checked(GEOSGeom_createCollection_r(geos_.handle(), GEOS_GEOMETRYCOLLECTION, given.data(),
                                                      static_cast<unsigned>(given.size())),
                          "a collection");
        return geos_.checked(GEOSUnaryUnion_r(geos_.handle(), all.get()), "a union");
    }

    // Gives the face to every polygon that covered most of it.
    void hand_out(const GEOSGeometry* face, std::vector<std::vector<Geometry>>& parts) const {
        const double area = geos_.area(face);
        for (const std::size_t m : index_->near(face)) {
            const Geometry shared =
                geos_.checked(GEOSIntersection_r(geos_.handle(), face, own_[m].get()), "an intersection");
            if (geos_.area(shared.get()) > 0.5 * area)
                parts[m].push_back(geos_.own(GEOSGeom_clone_r(geos_.handle(), face)));
        }
    }

    const Geos& geos_;
    std::vector<Geometry> own_;
    std::unique_ptr<GeometryIndex> index_;
};

}  // namespace

std::vector<MultiPolygon> simplify_together(const Geos& geos,
                                            const std::vector<const MultiPolygon*>& polygons,
                                            double tolerance) {
    return Together(geos, polygons).simplified(tolerance);
}

}  // namespace landseam::vectors
