#include "vectors/building_groups.h"

#include "vectors/geometry_index.h"
#include "vectors/rectilinear_fit.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <tuple>
#include <utility>

namespace landseam::vectors {
namespace {

constexpr double quarter_turn = 1.5707963267948966;

class Sets {
public:
    explicit Sets(std::size_t count) : parents_(count) {
        std::iota(parents_.begin(), parents_.end(), std::size_t{0});
    }
    std::size_t root(std::size_t i) {
        while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
        return i;
    }
    void unite(std::size_t a, std::size_t b) {
        a = root(a);
        b = root(b);
        parents_[std::max(a, b)] = std::min(a, b);
    }

private:
    std::vector<std::size_t> parents_;
};

// The lines of a geometry, joined where just two of them meet.
std::vector<Ring> lines_of(const Geos& geos, const GEOSGeometry* geometry) {
    const GEOSContextHandle_t handle = geos.handle();
    const Geometry merged = geos.checked(GEOSLineMerge_r(handle, geometry), "joined lines");
    std::vector<Ring> lines;
    const int count = GEOSGetNumGeometries_r(handle, merged.get());
    for (int i = 0; i < count; ++i) {
        const GEOSGeometry* part = GEOSGetGeometryN_r(handle, merged.get(), i);
        if (GEOSGeomTypeId_r(handle, part) != GEOS_LINESTRING) continue;
        const GEOSCoordSequence* sequence = GEOSGeom_getCoordSeq_r(handle, part);
        unsigned size = 0;
        if (!sequence || !GEOSCoordSeq_getSize_r(handle, sequence, &size)) geos.fail("a line");
        std::vector<double> values(2 * static_cast<std::size_t>(size));
        if (!GEOSCoordSeq_copyToBuffer_r(handle, sequence, values.data(), 0, 0)) geos.fail("a line");
        Ring line;
        for (std::size_t k = 0; k < size; ++k) line.push_back({values[2 * k], values[2 * k + 1]});
        lines.push_back(std::move(line));
    }
    return lines;
}

// Whether two share more ground than rounding explains: then they are parts and wholes, or doubles.
bool overlap(const Geos& geos, const GEOSGeometry* a, const GEOSGeometry* b) {
    const double shared =
        geos.area(geos.checked(GEOSIntersection_r(geos.handle(), a, b), "an intersection").get());
    return shared > 0.02 * std::min(geos.area(a), geos.area(b));
}

double gap(const Point& a, const Point& b) {
    return std::hypot(a.x - b.x, a.y - b.y);
}

// Lines whose ends lie closer than `nearest` become one: specks that belong to neither side interrupt a wall.
std::vector<Ring> bridged(std::vector<Ring> lines, double nearest) {
    for (std::size_t i = 0; i < lines.size(); ++i)
        for (std::size_t j = i + 1; j < lines.size(); ++j) {
            Ring &a = lines[i], &b = lines[j];
            const bool at_front = std::min(gap(a.front(), b.front()), gap(a.front(), b.back())) <
                                  std::min(gap(a.back(), b.front()), gap(a.back(), b.back()));
            if (at_front) std::reverse(a.begin(), a.end());
            if (gap(a.back(), b.back()) < gap(a.back(), b.front())) std::reverse(b.begin(), b.end());
            if (gap(a.back(), b.front()) > nearest) continue;
            a.insert(a.end(), b.begin(), b.end());
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(j));
            j = i;  // the longer line may reach others now
        }
    return lines;
}

// Drops pieces beside larger ones, and holes that are no courtyards.
void drop_specks(MultiPolygon& polygons, double smallest) {
    double largest = 0;
    for (const Polygon& polygon : polygons) largest = std::max(largest, area(polygon));
    polygons.erase(std::remove_if(polygons.begin(), polygons.end(),
                                  [&](const Polygon& polygon) {
                                      return area(polygon) < smallest && area(polygon) < largest;
                                  }),
                   polygons.end());
    for (Polygon& polygon : polygons)
        polygon.holes.erase(
            std::remove_if(polygon.holes.begin(), polygon.holes.end(),
                           [&](const Ring& hole) { return std::abs(signed_area(hole)) < smallest; }),
            polygon.holes.end());
}

struct Wall {
    std::size_t a = 0, b = 0;
    std::vector<Ring> lines;
};

std::vector<Wall> find_walls(const Geos& geos, const std::vector<Geometry>& shapes, double shortest) {
    const GEOSContextHandle_t handle = geos.handle();
    std::vector<const GEOSGeometry*> all;
    for (const Geometry& shape : shapes) all.push_back(shape.get());
    const GeometryIndex index(geos, all);
    std::vector<Wall> walls;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        const Geometry outline = geos.checked(GEOSBoundary_r(handle, shapes[i].get()), "an outline");
        for (const std::size_t j : index.near(shapes[i].get())) {
            if (j <= i) continue;
            const Geometry other = geos.checked(GEOSBoundary_r(handle, shapes[j].get()), "an outline");
            const Geometry common =
                geos.checked(GEOSIntersection_r(handle, outline.get(), other.get()), "a shared wall");
            double length = 0;
            if (!GEOSLength_r(handle, common.get(), &length)) geos.fail("a length");
            if (length < shortest || overlap(geos, shapes[i].get(), shapes[j].get())) continue;
            walls.push_back({i, j, bridged(lines_of(geos, common.get()), shortest)});
        }
    }
    return walls;
}

double perimeter(const MultiPolygon& polygons) {
    double sum = 0;
    for (const Polygon& polygon : polygons)
        for (std::size_t i = 0, j = polygon.outer.size() - 1; i < polygon.outer.size(); j = i++)
            sum +=
                std::hypot(polygon.outer[i].x - polygon.outer[j].x, polygon.outer[i].y - polygon.outer[j].y);
    return sum;
}

struct Place {
    Point middle;
    double reach = 0;   // half of the diagonal
    double weight = 0;  // perimeter
};

Place place_of(const MultiPolygon& polygons) {
    double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;
    for (const Polygon& polygon : polygons)
        for (const Point& p : polygon.outer) {
            x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
            y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
        }
    return {{(x0 + x1) / 2, (y0 + y1) / 2}, std::hypot(x1 - x0, y1 - y0) / 2, perimeter(polygons)};
}

// Signed, at most an eighth of a turn.
double turn(double from, double to) {
    const double d = std::fmod(to - from, quarter_turn);
    return d > quarter_turn / 2 ? d - quarter_turn : d < -quarter_turn / 2 ? d + quarter_turn : d;
}

}  // namespace

std::vector<BuildingGroup> find_groups(const Geos& geos, const std::vector<MultiPolygon>& buildings,
                                       const RegularizeOptions& options) {
    std::vector<Geometry> shapes;
    for (const MultiPolygon& building : buildings) shapes.push_back(geos.to_geos(building));
    const std::vector<Wall> walls = find_walls(geos, shapes, options.detail);
    Sets sets(buildings.size());
    for (const Wall& wall : walls) sets.unite(wall.a, wall.b);
    std::map<std::size_t, BuildingGroup> groups;
    for (std::size_t i = 0; i < buildings.size(); ++i) groups[sets.root(i)].members.push_back(i);
    for (const Wall& wall : walls) {
        std::vector<Ring>& lines = groups[sets.root(wall.a)].walls;
        lines.insert(lines.end(), wall.lines.begin(), wall.lines.end());
    }
    std::vector<BuildingGroup> result;
    for (auto& [root, group] : groups) {
        std::vector<GEOSGeometry*> parts;
        for (const std::size_t i : group.members)
            parts.push_back(GEOSGeom_clone_r(geos.handle(), shapes[i].get()));
        const Geometry all =
            geos.checked(GEOSGeom_createCollection_r(geos.handle(), GEOS_GEOMETRYCOLLECTION, parts.data(),
                                                     static_cast<unsigned>(parts.size())),
                         "a collection");
        group.ground = geos.checked(GEOSUnaryUnion_r(geos.handle(), all.get()), "a union");
        group.outline = geos.from_geos(group.ground.get());
        drop_specks(group.outline, options.detail * options.detail);
        group.ground = geos.to_geos(group.outline);
        std::vector<Ring> rings;
        for (const Polygon& polygon : group.outline) {
            rings.push_back(polygon.outer);
            rings.insert(rings.end(), polygon.holes.begin(), polygon.holes.end());
        }
        group.own_direction = group.direction =
            best_direction(rings, group.walls, 1.7 * options.resolution, options.resolution / 3);
        result.push_back(std::move(group));
    }
    return result;
}

void align_directions(std::vector<BuildingGroup>& groups, const RegularizeOptions& options) {
    const double most = options.align_angle / 90 * quarter_turn;
    std::vector<Place> places;
    for (const BuildingGroup& group : groups) places.push_back(place_of(group.outline));
    std::vector<std::size_t> by_x(groups.size());
    std::iota(by_x.begin(), by_x.end(), std::size_t{0});
    std::sort(by_x.begin(), by_x.end(), [&](std::size_t a, std::size_t b) {
        return std::make_pair(places[a].middle.x, a) < std::make_pair(places[b].middle.x, b);
    });
    double widest = 0;
    for (const Place& place : places) widest = std::max(widest, place.reach);
    struct Link {
        double turn;
        std::size_t a, b;
        bool operator<(const Link& other) const {
            return std::tie(turn, a, b) < std::tie(other.turn, other.a, other.b);
        }
    };
    std::vector<Link> links;
    for (std::size_t m = 0; m < by_x.size(); ++m)
        for (std::size_t n = m + 1; n < by_x.size(); ++n) {
            const Place &p = places[by_x[m]], &q = places[by_x[n]];
            if (q.middle.x - p.middle.x > options.align_distance + p.reach + widest) break;
            const double apart =
                std::hypot(q.middle.x - p.middle.x, q.middle.y - p.middle.y) - p.reach - q.reach;
            const double between =
                std::abs(turn(groups[by_x[m]].own_direction, groups[by_x[n]].own_direction));
            if (apart <= options.align_distance && between <= most)
                links.push_back({between, std::min(by_x[m], by_x[n]), std::max(by_x[m], by_x[n])});
        }
    std::sort(links.begin(), links.end());
    // Streets grow from those most alike, as long as each of their buildings is near their common direction.
    std::vector<std::size_t> street(groups.size());
    std::vector<std::vector<std::size_t>> members(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) street[i] = i, members[i] = {i};
    for (const Link& link : links) {
        const std::size_t a = street[link.a], b = street[link.b];
        if (a == b) continue;
        std::vector<std::size_t> both = members[a];
        both.insert(both.end(), members[b].begin(), members[b].end());
        const double reference = groups[both.front()].own_direction;
        double sum = 0, weights = 0;
        for (const std::size_t i : both) {
            sum += places[i].weight * turn(reference, groups[i].own_direction);
            weights += places[i].weight;
        }
        const double common = reference + sum / weights;
        if (std::any_of(both.begin(), both.end(), [&](std::size_t i) {
                return std::abs(turn(groups[i].own_direction, common)) > most;
            }))
            continue;
        for (const std::size_t i : both) {
            street[i] = a;
            groups[i].direction = common;
        }
        members[a] = std::move(both);
        members[b].clear();
    }
}

}  // namespace landseam::vectors
