#include "landseam/raster/georeference.h"

#include "landseam/core/error.h"

#include "raster/gdal_messages.h"
#include "raster/local_metric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <geodesic.h>
#include <ogr_spatialref.h>

namespace landseam::raster {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kDegrees = 180 / 3.14159265358979323846;
constexpr double kLongEdge = 2000;  // metres; a chord of this length leaves a straight line by centimetres
constexpr int kMostPieces = 500;
constexpr double kFarthest = 1e12;  // beyond it GDAL's web-mercator transformation wraps longitudes for ever

// Figures up to this size, in metres, are measured by the metric of the square of this side that they lie in.
constexpr double kSmall = 1000;
constexpr std::size_t kMostSquares = 10000;  // that are remembered

using Measures = LocalMetric::Size;

}  // namespace

std::string crs_wkt_from(const std::string& definition) {
    const GdalMessages messages;
    OGRSpatialReference crs;
    static const char* const nothing_outside[] = {"ALLOW_NETWORK_ACCESS=NO", "ALLOW_FILE_ACCESS=NO", nullptr};
    char* text = nullptr;
    static const char* const wkt2[] = {"FORMAT=WKT2_2019", nullptr};
    const bool understood = crs.SetFromUserInput(definition.c_str(), nothing_outside) == OGRERR_NONE &&
                            crs.exportToWkt(&text, wkt2) == OGRERR_NONE;
    const std::string wkt = text ? text : "";
    CPLFree(text);
    if (!understood)
        throw Error(definition.substr(0, 60),
                    "is no coordinate reference system: " + messages.cause("unknown"), "write EPSG:… or WKT",
                    ErrorKind::usage);
    return wkt;
}

struct Georeference::Impl {
    GeoTransform transform;
    bool known = false;
    double centre_x = 0, centre_y = 0;  // pixels
    enum class Kind { none, planar, geodesic } kind = Kind::none;
    double metres_per_unit = 1;   // of the CRS, roughly where it is in degrees
    double degrees_per_unit = 1;  // of the geographic CRS below
    geod_geodesic ellipsoid{};
    mutable std::mutex mutex;                                // of `to_lonlat`
    std::unique_ptr<OGRCoordinateTransformation> to_lonlat;  // null if the CRS is geographic itself
    double radius = 0, flattening = 0;                       // of the ellipsoid
    mutable std::mutex squares_mutex;
    mutable std::map<std::pair<double, double>, std::optional<LocalMetric>> squares;  // by their numbers

    void understand(const SceneInfo& info);
    Measures measure(const Ring& world) const;
    Measures measure_by_geodesics(const Ring& world) const;
    std::optional<LocalMetric> metric_for(const Ring& world) const;
    std::optional<LocalMetric> metric_of_square(double column, double row, double side) const;
    void project(std::vector<double>& x, std::vector<double>& y) const;
    int pieces(Point a, Point b) const;
    double length(Point a, Point b) const;
};

void Georeference::Impl::understand(const SceneInfo& info) {
    const GdalMessages messages;
    OGRSpatialReference crs;
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    if (crs.importFromWkt(info.crs_wkt.c_str()) != OGRERR_NONE)
        throw Error(info.path,
                    "its coordinate reference system cannot be understood: " + messages.cause("bad WKT"),
                    "set another: gdal_translate -a_srs EPSG:… '" + info.path + "' corrected.tif");
    if (crs.IsCompound()) crs.StripVertical();
    const std::unique_ptr<OGRSpatialReference> geographic(crs.IsLocal() ? nullptr : crs.CloneGeogCS());
    if (!geographic) {
        kind = Kind::planar;
        metres_per_unit = crs.GetLinearUnits();
        return;
    }
    kind = Kind::geodesic;
    radius = geographic->GetSemiMajor();
    const double inverse = geographic->GetInvFlattening();
    flattening = inverse > 0 ? 1 / inverse : 0;
    geod_init(&ellipsoid, radius, flattening);
    degrees_per_unit = geographic->GetAngularUnits() * kDegrees;
    metres_per_unit = crs.IsGeographic() ? geographic->GetAngularUnits() * radius : crs.GetLinearUnits();
    if (crs.IsGeographic()) return;
    geographic->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    to_lonlat.reset(OGRCreateCoordinateTransformation(&crs, geographic.get()));
    if (!to_lonlat)
        throw Error(info.path,
                    "PROJ knows no way from its coordinate reference system to longitude and latitude: " +
                        messages.cause("no reason given"),
                    "warp it to another: gdalwarp -t_srs EPSG:… '" + info.path + "' warped.tif");
}

// World coordinates to degrees, in place; NaN for what has no place on the ellipsoid.
void Georeference::Impl::project(std::vector<double>& x, std::vector<double>& y) const {
    std::vector<int> success(x.size(), 1);
    for (std::size_t i = 0; i < x.size(); ++i)
        if (!(std::abs(x[i]) <= kFarthest && std::abs(y[i]) <= kFarthest)) x[i] = y[i] = kNaN;
    if (to_lonlat) {
        const GdalMessages ignored;
        const std::lock_guard<std::mutex> lock(mutex);
        to_lonlat->Transform(static_cast<int>(x.size()), x.data(), y.data(), nullptr, success.data());
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        const bool placed = success[i] && std::isfinite(x[i]) && std::isfinite(y[i]);
        x[i] = placed ? x[i] * degrees_per_unit : kNaN;
        y[i] = placed ? std::clamp(y[i] * degrees_per_unit, -90.0, 90.0) : kNaN;
    }
}

int Georeference::Impl::pieces(Point a, Point b) const {
    const double metres = std::hypot(b.x - a.x, b.y - a.y) * metres_per_unit;
    return std::isfinite(metres)
               ? static_cast<int>(std::clamp(std::ceil(metres / kLongEdge), 1.0, 1.0 * kMostPieces))
               : 1;
}

// Nothing where the figure is too large, or lies where a map can be anything.
std::optional<LocalMetric> Georeference::Impl::metric_for(const Ring& world) const {
    Point least = world.front(), most = world.front();
    for (const Point& p : world) {
        least = {std::min(least.x, p.x), std::min(least.y, p.y)};
        most = {std::max(most.x, p.x), std::max(most.y, p.y)};
    }
    const double side = kSmall / metres_per_unit;
    if (!(most.x - least.x <= side && most.y - least.y <= side)) return {};
    const double column = std::floor((least.x + most.x) / 2 / side),
                 row = std::floor((least.y + most.y) / 2 / side);
    const std::lock_guard<std::mutex> lock(squares_mutex);
    if (squares.size() >= kMostSquares) squares.clear();
    const auto [square, is_new] = squares.try_emplace({column, row});
    if (is_new) square->second = metric_of_square(column, row, side);
    return square->second;
}

std::optional<LocalMetric> Georeference::Impl::metric_of_square(double column, double row,
                                                                double side) const {
    const Point centre{(column + 0.5) * side, (row + 0.5) * side};
    std::vector<double> x, y;
    for (int j = -1; j <= 1; ++j)
        for (int i = -1; i <= 1; ++i) {
            x.push_back(centre.x + i * side);
            y.push_back(centre.y + j * side);
        }
    project(x, y);
    std::array<Point, 9> nodes;
    for (std::size_t k = 0; k < nodes.size(); ++k) nodes[k] = {x[k], y[k]};
    return LocalMetric::around(centre, side, nodes, radius, flattening);
}

Measures Georeference::Impl::measure(const Ring& world) const {
    if (kind == Kind::none) return {kNaN, kNaN};
    if (world.size() < 3) return {};
    if (kind == Kind::planar) {
        double perimeter = 0;
        for (std::size_t i = 0; i < world.size(); ++i) {
            const Point a = world[i], b = world[(i + 1) % world.size()];
            perimeter += std::hypot(b.x - a.x, b.y - a.y) * metres_per_unit;
        }
        return {std::abs(signed_area(world)) * metres_per_unit * metres_per_unit, perimeter};
    }
    if (const auto metric = metric_for(world)) return metric->size(world);
    return measure_by_geodesics(world);
}

Measures Georeference::Impl::measure_by_geodesics(const Ring& world) const {
    Measures sum;
    std::vector<double> x, y;
    for (std::size_t i = 0; i < world.size(); ++i) {
        const Point a = world[i], b = world[(i + 1) % world.size()];
        const int count = pieces(a, b);
        for (int k = 0; k < count; ++k) {
            const double t = static_cast<double>(k) / count;
            x.push_back(a.x + (b.x - a.x) * t);
            y.push_back(a.y + (b.y - a.y) * t);
        }
    }
    project(x, y);
    for (std::size_t i = 0; i < x.size(); ++i)
        if (std::isnan(x[i]) || std::isnan(y[i])) return {kNaN, kNaN};
    geod_polygonarea(&ellipsoid, y.data(), x.data(), static_cast<int>(x.size()), &sum.area, &sum.perimeter);
    sum.area = std::abs(sum.area);
    return sum;
}

double Georeference::Impl::length(Point a, Point b) const {
    if (kind == Kind::none) return kNaN;
    if (kind == Kind::planar) return std::hypot(b.x - a.x, b.y - a.y) * metres_per_unit;
    std::vector<double> x{a.x, b.x}, y{a.y, b.y};
    project(x, y);
    double distance = kNaN;
    if (!std::isnan(x[0] + x[1] + y[0] + y[1]))
        geod_inverse(&ellipsoid, y[0], x[0], y[1], x[1], &distance, nullptr, nullptr);
    return distance;
}

Georeference::Georeference(const SceneInfo& info) {
    auto impl = std::make_shared<Impl>();
    impl->known = info.geo_transform.has_value();
    if (impl->known) impl->transform = *info.geo_transform;
    impl->centre_x = info.width / 2.0;
    impl->centre_y = info.height / 2.0;
    if (impl->known && !info.crs_wkt.empty()) impl->understand(info);
    impl_ = impl;
}

bool Georeference::known() const {
    return impl_->known;
}

MultiPolygon Georeference::to_world(const MultiPolygon& pixels) const {
    MultiPolygon world = pixels;
    const auto move = [&](Ring& ring) {
        for (Point& point : ring) point = impl_->transform.to_world(point);
    };
    for (Polygon& polygon : world) {
        move(polygon.outer);
        for (Ring& hole : polygon.holes) move(hole);
    }
    return world;
}

GroundSize Georeference::size(const MultiPolygon& world) const {
    const double none = impl_->kind == Impl::Kind::none ? kNaN : 0;
    GroundSize sum{none, none};
    const auto add = [&](const Ring& ring, int sign) {
        const Measures ring_size = impl_->measure(ring);
        sum.area_m2 += sign * ring_size.area;
        sum.perimeter_m += ring_size.perimeter;
    };
    for (const Polygon& polygon : world) {
        add(polygon.outer, 1);
        for (const Ring& hole : polygon.holes) add(hole, -1);
    }
    return sum;
}

double Georeference::gsd_m() const {
    const double x = impl_->centre_x, y = impl_->centre_y;
    const Polygon pixel{{{x - 0.5, y - 0.5}, {x + 0.5, y - 0.5}, {x + 0.5, y + 0.5}, {x - 0.5, y + 0.5}}, {}};
    return std::sqrt(size(to_world({pixel})).area_m2);
}

Point Georeference::pixel_size_m() const {
    const double x = impl_->centre_x, y = impl_->centre_y;
    const GeoTransform& transform = impl_->transform;
    return {impl_->length(transform.to_world({x - 0.5, y}), transform.to_world({x + 0.5, y})),
            impl_->length(transform.to_world({x, y - 0.5}), transform.to_world({x, y + 0.5}))};
}

}  // namespace landseam::raster
