#include "landseam/vectors/repeated_objects.h"

#include "landseam/vectors/simplify.h"

#include "vectors/geometry_index.h"
#include "vectors/geos.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>
#include <tuple>

namespace landseam::vectors {
namespace {

class Resolver {
public:
    Resolver(const std::vector<SceneObject>& objects, const std::vector<SceneExtent>& extents,
             double same_iou)
        : objects_(objects),
          extents_(extents),
          same_iou_(same_iou),
          root_(objects.size(), none),
          scenes_(objects.size()) {
        for (const SceneObject& object : objects_) {
            const MultiPolygon& outline = *object.outline;
            shapes_.push_back(geos_.to_geos(is_valid(outline) ? outline : make_valid(outline)));
            areas_.push_back(geos_.area(shapes_.back().get()));
        }
        std::vector<const GEOSGeometry*> with_area;
        for (std::size_t i = 0; i < shapes_.size(); ++i)
            with_area.push_back(areas_[i] > 0 ? shapes_[i].get() : nullptr);
        index_ = std::make_unique<GeometryIndex>(geos_, with_area);
    }

    std::vector<ResolvedObject> run() {
        for (const std::size_t object : by_quality()) place(object);
        std::vector<ResolvedObject> result;
        std::vector<std::vector<std::size_t>> pieces(objects_.size());
        for (std::size_t i = 0; i < objects_.size(); ++i)
            if (root_[i] != none) pieces[root_[i]].push_back(i);
        for (std::size_t i = 0; i < objects_.size(); ++i) {
            if (root_[i] != i) continue;
            scenes_[i].insert(objects_[i].scene);
            result.push_back(
                {i, pieces[i].size() > 1 ? joined(pieces[i]) : MultiPolygon{}, scenes_[i].size()});
        }
        return result;
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    // The best first, in an order that is that of no list.
    std::vector<std::size_t> by_quality() const {
        std::vector<std::size_t> order(objects_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const auto key = [&](std::size_t i) {
            const Point corner = objects_[i].outline->empty() || objects_[i].outline->front().outer.empty()
                                     ? Point{}
                                     : objects_[i].outline->front().outer.front();
            return std::make_tuple(objects_[i].cut, -areas_[i], -objects_[i].score, corner.x, corner.y);
        };
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
        return order;
    }

    std::vector<std::size_t> near(std::size_t object) const {
        return areas_[object] > 0 ? index_->near(shapes_[object].get()) : std::vector<std::size_t>{};
    }

    // Better objects have their place already.
    void place(std::size_t object) {
        std::size_t joins = none;
        for (const std::size_t other : near(object)) {
            if (other == object || root_[other] == none || objects_[other].scene == objects_[object].scene)
                continue;
            const Geometry common =
                geos_.checked(GEOSIntersection_r(geos_.handle(), shapes_[object].get(), shapes_[other].get()),
                              "an intersection");
            const double shared = geos_.area(common.get());
            if (shared <= 0) continue;
            if (is_same(object, other, shared)) {
                scenes_[root_[other]].insert(objects_[object].scene);
                return;
            }
            if (is_piece(object, other, shared)) {
                if (joins != none && joins != root_[other]) unite(joins, root_[other]);
                joins = root_[other];
            }
        }
        root_[object] = joins == none ? object : joins;
        if (joins != none) scenes_[joins].insert(objects_[object].scene);
    }

    // Two groups become one because a piece belongs to both.
    void unite(std::size_t from, std::size_t to) {
        for (std::size_t& root : root_)
            if (root == from) root = to;
        scenes_[to].insert(objects_[from].scene);
        scenes_[to].insert(scenes_[from].begin(), scenes_[from].end());
    }

    bool is_same(std::size_t a, std::size_t b, double shared) const {
        return shared / (areas_[a] + areas_[b] - shared) >= same_iou_ ||
               (objects_[a].cut && shared / areas_[a] >= same_iou_) ||
               (objects_[b].cut && shared / areas_[b] >= same_iou_);
    }

    bool is_piece(std::size_t a, std::size_t b, double shared) const {
        if (!objects_[a].cut || !objects_[b].cut) return false;
        const double seen = std::min(area_within(a, extents_[objects_[b].scene]),
                                     area_within(b, extents_[objects_[a].scene]));
        return seen > 0 && shared / seen >= same_iou_;
    }

    double area_within(std::size_t object, const SceneExtent& extent) const {
        const Geometry inside = geos_.checked(GEOSClipByRect_r(geos_.handle(), shapes_[object].get(),
                                                               extent[0], extent[1], extent[2], extent[3]),
                                              "a clip");
        return geos_.area(inside.get());
    }

    MultiPolygon joined(const std::vector<std::size_t>& pieces) const {
        MultiPolygon all;
        for (const std::size_t piece : pieces)
            all.insert(all.end(), objects_[piece].outline->begin(), objects_[piece].outline->end());
        const Geometry together =
            geos_.checked(GEOSUnaryUnion_r(geos_.handle(), geos_.to_geos(all).get()), "a union of pieces");
        return geos_.from_geos(together.get());
    }

    Geos geos_;
    const std::vector<SceneObject>& objects_;
    const std::vector<SceneExtent>& extents_;
    double same_iou_;
    std::vector<Geometry> shapes_;
    std::vector<double> areas_;
    std::unique_ptr<GeometryIndex> index_;
    std::vector<std::size_t> root_;  // of the group an object is in; none: it is gone, or not placed yet
    std::vector<std::set<std::size_t>> scenes_;
};

}  // namespace

std::vector<ResolvedObject> resolve_repeated(const std::vector<SceneObject>& objects,
                                             const std::vector<SceneExtent>& extents, double same_iou) {
    return Resolver(objects, extents, same_iou).run();
}

}  // namespace landseam::vectors
