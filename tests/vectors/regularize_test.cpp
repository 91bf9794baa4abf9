#include "landseam/vectors/regularize.h"

#include "landseam/core/error.h"
#include "landseam/core/polygon_fill.h"
#include "landseam/vectors/coverage.h"
#include "landseam/vectors/simplify.h"

#include "vectors/geos.h"
#include "vectors/label_maps.h"
#include "vectors/simplify_group.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

constexpr double pixel = 0.3;  // metres
constexpr double pi = 3.141592653589793;

Polygon box(double x, double y, double width, double height) {
    return {{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}, {}};
}

Polygon turned(Polygon polygon, double angle) {
    const auto turn = [&](Ring& ring) {
        for (Point& p : ring)
            p = {40 + std::cos(angle) * p.x - std::sin(angle) * p.y,
                 40 + std::sin(angle) * p.x + std::cos(angle) * p.y};
    };
    turn(polygon.outer);
    for (Ring& hole : polygon.holes) turn(hole);
    return polygon;
}

// Drawn side by side on pixels of 0.3 m; each pixel at an edge takes the label of a neighbour now and then.
testing::LabelMap rasterized(const std::vector<Polygon>& shapes, std::mt19937& random) {
    testing::LabelMap map(290, 290);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        Polygon in_pixels = shapes[i];
        for (Point& p : in_pixels.outer) p = {p.x / pixel, p.y / pixel};
        for (Ring& hole : in_pixels.holes)
            for (Point& p : hole) p = {p.x / pixel, p.y / pixel};
        const RunMask mask = fill_polygons({in_pixels}, {0, 0, map.width, map.height});
        for (const Run& run : mask.runs())
            std::fill(&map.at(run.x_begin, run.y), &map.at(run.x_begin, run.y) + (run.x_end - run.x_begin),
                      static_cast<std::int32_t>(i + 1));
    }
    testing::LabelMap ragged = map;
    for (int y = 1; y + 1 < map.height; ++y)
        for (int x = 1; x + 1 < map.width; ++x) {
            const std::int32_t around[] = {map.at(x - 1, y), map.at(x + 1, y), map.at(x, y - 1),
                                           map.at(x, y + 1)};
            const std::int32_t other = around[random() % 4];
            if (random() % 3 == 0) ragged.at(x, y) = other;
        }
    return ragged;
}

// The largest piece of each label, in metres.
std::vector<MultiPolygon> ragged_outlines(const std::vector<Polygon>& shapes, std::mt19937& random) {
    const testing::LabelMap map = rasterized(shapes, random);
    const CornerIndex corners = testing::corners_of_map(map);
    std::vector<MultiPolygon> outlines;
    for (const auto& [label, mask] : testing::masks_of_map(map)) {
        const MultiPolygon all = trace_outline(mask, corners, {}).polygons;
        Polygon largest = *std::max_element(
            all.begin(), all.end(), [](const Polygon& a, const Polygon& b) { return area(a) < area(b); });
        largest.holes.erase(std::remove_if(largest.holes.begin(), largest.holes.end(),
                                           [](const Ring& hole) { return std::abs(signed_area(hole)) < 20; }),
                            largest.holes.end());
        for (Point& p : largest.outer) p = {p.x * pixel, p.y * pixel};
        for (Ring& hole : largest.holes)
            for (Point& p : hole) p = {p.x * pixel, p.y * pixel};
        outlines.push_back({largest});
    }
    return outlines;
}

double iou(const MultiPolygon& a, const MultiPolygon& b) {
    const Geos geos;
    const Geometry p = geos.to_geos(a), q = geos.to_geos(b);
    const double shared =
        geos.area(geos.checked(GEOSIntersection_r(geos.handle(), p.get(), q.get()), "an intersection").get());
    return shared / (area(a) + area(b) - shared);
}

struct Tally {
    int drawn = 0, right_corners = 0, right_direction = 0;
    double iou = 0;
};

double degrees_between(double a, double b) {
    const double d = std::fmod(std::abs(a - b), 90);
    return std::min(d, 90 - d);
}

void count(const RegularBuilding& building, const Polygon& shape, double angle, Tally& tally) {
    ++tally.drawn;
    std::size_t corners = 0, expected = shape.outer.size();
    for (const Polygon& polygon : building.geometry) {
        corners += polygon.outer.size();
        for (const Ring& hole : polygon.holes) corners += hole.size();
    }
    for (const Ring& hole : shape.holes) expected += hole.size();
    tally.right_corners += corners == expected && building.geometry[0].holes.size() == shape.holes.size();
    tally.right_direction += degrees_between(building.main_angle, angle * 180 / pi) <= 1;
    tally.iou += iou(building.geometry, {shape});
}

enum class Form { rectangle, l, u, t, courtyard };

Polygon draw(Form form, const std::function<double(double, double)>& between) {
    const double w = between(12, 22), h = between(10, 18), a = between(3.5, 5), b = between(3.5, 5);
    switch (form) {
        case Form::rectangle:
            return box(0, 0, between(6, 20), between(5, 14));
        case Form::l:
            return {{{0, 0}, {w, 0}, {w, a}, {b, a}, {b, h}, {0, h}}, {}};
        case Form::u:
            return {{{0, 0}, {w, 0}, {w, h}, {w - b, h}, {w - b, a}, {b, a}, {b, h}, {0, h}}, {}};
        case Form::t:
            return {{{0, 0},
                     {w, 0},
                     {w, a},
                     {w / 2 + b / 2, a},
                     {w / 2 + b / 2, h},
                     {w / 2 - b / 2, h},
                     {w / 2 - b / 2, a},
                     {0, a}},
                    {}};
        default: {
            Polygon result = box(0, 0, w, h);
            result.holes.push_back(box(a, b, w - 2 * a, h - 2 * b).outer);
            if (h - 2 * b < 2) result.holes = {box(a, 3, w - 2 * a, h - 6).outer};
            return result;
        }
    }
}

TEST(Regularize, FindsDrawnBuildingsInRaggedMasks) {
    std::mt19937 random(21);
    const auto between = [&](double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(random);
    };
    Tally tally;
    for (int round = 0; round < 150; ++round) {
        const double angle = between(0, pi);
        const Polygon shape = turned(draw(static_cast<Form>(round % 5), between), angle);
        const std::vector<MultiPolygon> mask = ragged_outlines({shape}, random);
        const RegularBuilding building = regularize(mask, {pixel})[0];
        ASSERT_TRUE(is_valid(building.geometry));
        ASSERT_NEAR(building.iou, iou(building.geometry, mask[0]), 1e-12);
        count(building, shape, angle, tally);
    }
    EXPECT_GE(tally.right_corners, 0.95 * tally.drawn);
    EXPECT_GE(tally.right_direction, 0.97 * tally.drawn);
    EXPECT_GE(tally.iou / tally.drawn, 0.95);
}

TEST(Regularize, MakesTanksRound) {
    std::mt19937 random(5);
    double sum = 0;
    for (int round = 0; round < 20; ++round) {
        const double radius = 3 + round * 0.4;
        Polygon circle;
        for (int i = 0; i < 90; ++i)
            circle.outer.push_back(
                {40 + radius * std::cos(i * pi / 45), 40 + radius * std::sin(i * pi / 45)});
        const RegularBuilding tank = regularize(ragged_outlines({circle}, random), {pixel})[0];
        EXPECT_EQ(tank.status, "circle") << radius;
        sum += iou(tank.geometry, {circle});
    }
    EXPECT_GE(sum / 20, 0.97);
}

TEST(Regularize, KeepsSharedWallsShared) {
    std::mt19937 random(8);
    const auto between = [&](double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(random);
    };
    double sum = 0;
    int houses = 0, straight = 0;
    for (int round = 0; round < 30; ++round) {
        const double angle = between(0, pi), depth = between(7, 11);
        std::vector<Polygon> row;
        double x = 0;
        for (int i = 0; i < 4; ++i) {
            const double width = between(5, 8);
            row.push_back(turned(box(x, 0, width, depth), angle));
            x += width;
        }
        const std::vector<MultiPolygon> masks = ragged_outlines(row, random);
        ASSERT_EQ(masks.size(), 4u);
        const std::vector<RegularBuilding> buildings = regularize(masks, {pixel});
        MultiPolygon all;
        double areas = 0;
        std::set<std::pair<double, double>> vertices;
        std::size_t vertex_total = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            ASSERT_TRUE(is_valid(buildings[i].geometry));
            all.insert(all.end(), buildings[i].geometry.begin(), buildings[i].geometry.end());
            areas += area(buildings[i].geometry);
            for (const Point& p : buildings[i].geometry[0].outer) vertices.insert({p.x, p.y}), ++vertex_total;
            sum += iou(buildings[i].geometry, {row[i]});
            straight += buildings[i].geometry[0].outer.size() == 4;
            ++houses;
        }
        const Geos geos;
        const Geometry together = geos.to_geos(all);
        const double united =
            geos.area(geos.checked(GEOSUnaryUnion_r(geos.handle(), together.get()), "a union").get());
        ASSERT_NEAR(united, areas, 1e-9 * areas);
        // Three walls, each with two ends that both its houses have.
        ASSERT_GE(vertex_total, vertices.size() + 6);
    }
    EXPECT_GE(sum / houses, 0.95);
    EXPECT_GE(straight, 0.95 * houses);
}

TEST(Regularize, GivesNeighboursOfNearlyOneDirectionTheSame) {
    std::vector<MultiPolygon> street;
    for (int i = 0; i < 4; ++i)
        street.push_back({turned(box(i * 15.0, 0, 10, 8), (20 + 0.4 * (i % 2)) * pi / 180)});
    street.push_back({turned(box(75, 0, 10, 8), 35 * pi / 180)});
    const std::vector<RegularBuilding> buildings = regularize(street, {pixel});
    for (int i = 1; i < 4; ++i) EXPECT_NEAR(buildings[i].main_angle, buildings[0].main_angle, 1e-9);
    EXPECT_NEAR(buildings[0].main_angle, 20.2, 0.25);
    EXPECT_NEAR(buildings[4].main_angle, 35, 0.1);
}

TEST(Regularize, DrawsEdgesAtFortyFiveDegreesWhereTheyAreLong) {
    std::mt19937 random(3);
    const Polygon shape = turned({{{0, 0}, {14, 0}, {14, 6}, {8, 12}, {0, 12}}, {}}, 0.4);
    const std::vector<MultiPolygon> mask = ragged_outlines({shape}, random);
    const RegularBuilding building = regularize(mask, {pixel})[0];
    EXPECT_EQ(building.status, "diagonal");
    EXPECT_EQ(building.geometry[0].outer.size(), 5u);
    RegularizeOptions square{pixel};
    square.diagonals = false;
    EXPECT_NE(regularize(mask, square)[0].status, "diagonal");
}

TEST(Regularize, OnlySimplifiesWhatWouldMoveTooFarAndSaysWhy) {
    // A thin crescent has no right angles.
    Polygon crescent;
    for (int i = 0; i <= 30; ++i)
        crescent.outer.push_back({20 * std::cos(i * pi / 30), 20 * std::sin(i * pi / 30)});
    for (int i = 30; i >= 0; --i)
        crescent.outer.push_back({18 * std::cos(i * pi / 30), 18 * std::sin(i * pi / 30)});
    const RegularBuilding building = regularize({{crescent}}, {pixel})[0];
    EXPECT_EQ(building.status.substr(0, 12), "simplified: ");
    EXPECT_LT(building.geometry[0].outer.size(), crescent.outer.size());
    EXPECT_GT(building.iou, 0.9);
    EXPECT_LT(building.iou, 1);
    RegularizeOptions exact{pixel};
    exact.min_iou = 0.999;
    const RegularBuilding same = regularize({{crescent}}, exact)[0];
    EXPECT_EQ(same.status.substr(0, 6), "kept: ");
    EXPECT_EQ(same.geometry[0].outer, crescent.outer);
    EXPECT_EQ(same.iou, 1);
    EXPECT_EQ(regularize({{box(0, 0, 1, 0.9)}}, {pixel})[0].status, "kept: smaller than its details");
}

// A crescent in two halves; the edge between them has steps.
std::vector<MultiPolygon> halved_crescent() {
    Polygon right, left;
    for (int i = 0; i <= 30; ++i)
        right.outer.push_back({20 * std::sin(i * pi / 60), 20 * std::cos(i * pi / 60)});
    for (int i = 30; i >= 0; --i)
        right.outer.push_back({16 * std::sin(i * pi / 60), 16 * std::cos(i * pi / 60)});
    right.outer.erase(right.outer.begin());  // (0, 20)
    right.outer.pop_back();                  // (0, 16)
    for (const Point& p : right.outer) left.outer.push_back({0.3 - p.x, p.y});
    for (const auto& [x, y] :
         {std::pair{0.3, 16.0}, {0.3, 17.5}, {0.0, 17.5}, {0.0, 18.7}, {0.3, 18.7}, {0.3, 20.0}}) {
        right.outer.push_back({x, y});
        left.outer.push_back({x, y});
    }
    return {{right}, {left}};
}

TEST(Regularize, SimplifiesNeighboursTogetherWhereTheyCannotBeSquaredUp) {
    const std::vector<MultiPolygon> halves = halved_crescent();
    ASSERT_TRUE(is_valid(halves[0]) && is_valid(halves[1]));
    const std::vector<RegularBuilding> simple = regularize(halves, {pixel});
    double sum = 0;
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(simple[i].status.substr(0, 12), "simplified: ");
        EXPECT_LT(vertex_count(simple[i].geometry), vertex_count(halves[i]) / 2);
        EXPECT_GE(simple[i].iou, 0.95);
        sum += area(simple[i].geometry);
    }
    const Geos geos;
    const Geometry both = geos.checked(GEOSUnion_r(geos.handle(), geos.to_geos(simple[0].geometry).get(),
                                                   geos.to_geos(simple[1].geometry).get()),
                                       "a union");
    EXPECT_NEAR(geos.area(both.get()), sum, 1e-9 * sum) << "nothing is covered twice";
    const MultiPolygon united = geos.from_geos(both.get());
    ASSERT_EQ(united.size(), 1u);
    EXPECT_TRUE(united[0].holes.empty()) << "no gap has opened";
    RegularizeOptions exact{pixel};
    exact.min_iou = 0.9999;
    EXPECT_EQ(regularize(halves, exact)[0].status.substr(0, 6), "kept: ");
}

TEST(SimplifyTogether, KeepsEdgesThatPartsAndWholesShare) {
    // Steps along the bottom of a box; its left half lies in it, a third polygon reaches from outside into
    // both.
    Polygon whole, half;
    for (int i = 0; i < 20; ++i)
        for (const double y : {i % 2 ? 0.0 : 0.2, i % 2 ? 0.2 : 0.0}) whole.outer.push_back({double(i), y});
    half.outer.assign(whole.outer.begin(), whole.outer.begin() + 20);
    for (const Point& p : {Point{9, 8}, Point{0, 8}}) half.outer.push_back(p);
    for (const Point& p : {Point{19, 8}, Point{9, 8}, Point{0, 8}}) whole.outer.push_back(p);
    const MultiPolygon polygons[] = {{whole}, {half}, {box(5, 4, 8, 9)}};
    const Geos geos;
    const std::vector<MultiPolygon> simple =
        simplify_together(geos, {&polygons[0], &polygons[1], &polygons[2]}, 0.4);
    ASSERT_EQ(simple.size(), 3u);
    const auto shared_area = [&](const MultiPolygon& a, const MultiPolygon& b) {
        return geos.area(
            geos.checked(GEOSIntersection_r(geos.handle(), geos.to_geos(a).get(), geos.to_geos(b).get()),
                         "an intersection")
                .get());
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(is_valid(simple[i]));
        EXPECT_NEAR(area(simple[i]), area(polygons[i]), 0.02 * area(polygons[i]));
    }
    EXPECT_LT(vertex_count(simple[0]), 14u);
    EXPECT_NEAR(shared_area(simple[0], simple[1]), area(simple[1]), 1e-9)
        << "the half still lies in the whole";
    EXPECT_NEAR(shared_area(simple[0], simple[2]), 8 * 4, 1e-9) << "and what overlapped does";
    EXPECT_NEAR(shared_area(simple[1], simple[2]), 4 * 4, 1e-9);
}

// Nearer than that, lines would cross once rounding in another CRS moves them.
TEST(SimplifyTogether, LeavesNoCornerNextToAnEdgeThatItDoesNotMeet) {
    const MultiPolygon notched{{{{0, 0}, {10, 0}, {10, 8}, {6, 8}, {5, 1e-9}, {4, 8}, {0, 8}}, {}}},
        neighbour{box(10, 0, 5, 8)};
    const Geos geos;
    const std::vector<MultiPolygon> simple = simplify_together(geos, {&notched, &neighbour}, 0.4);
    EXPECT_NEAR(area(simple[0]), area(notched), 1e-6);
    for (const Polygon& polygon : simple[0]) {
        const Ring& ring = polygon.outer;
        for (const Point& corner : ring)
            for (std::size_t i = 0; i < ring.size(); ++i) {
                const Point &a = ring[i], &b = ring[(i + 1) % ring.size()];
                if (corner == a || corner == b) continue;
                const double length = std::hypot(b.x - a.x, b.y - a.y),
                             along =
                                 ((corner.x - a.x) * (b.x - a.x) + (corner.y - a.y) * (b.y - a.y)) / length;
                if (along < 0 || along > length) continue;
                EXPECT_GT(std::abs((corner.x - a.x) * (b.y - a.y) - (corner.y - a.y) * (b.x - a.x)) / length,
                          1e-5);
            }
    }
}

TEST(Regularize, OnlySimplifiesABlobThatNoRectangleIsLike) {
    Polygon ellipse;
    for (int i = 0; i < 60; ++i)
        ellipse.outer.push_back({4 * std::cos(i * pi / 30), 2.5 * std::sin(i * pi / 30)});
    RegularizeOptions square{pixel};
    square.diagonals = false;
    EXPECT_EQ(regularize({{ellipse}}, square)[0].status.substr(0, 19), "simplified: IoU wou");
    square.min_iou = 0.8;
    EXPECT_EQ(regularize({{ellipse}}, square)[0].status, "rectangular");
}

TEST(Regularize, SimplifiesSmallOutlinesLess) {
    // Blobs of 48 corners; by 0.3 m the small one would lose a tenth of its area.
    const auto blob = [](double radius) {
        Polygon polygon;
        for (int i = 0; i < 48; ++i)
            polygon.outer.push_back({radius * std::cos(i * pi / 24), radius * std::sin(i * pi / 24)});
        return MultiPolygon{polygon};
    };
    RegularizeOptions options{pixel};
    options.circles = options.diagonals = false;
    const auto large = regularize({blob(10)}, options)[0], small = regularize({blob(1.4)}, options)[0];
    EXPECT_EQ(large.status.substr(0, 12), "simplified: ");
    EXPECT_EQ(small.status.substr(0, 12), "simplified: ");
    EXPECT_LT(vertex_count(large.geometry), 25u);
    EXPECT_LT(vertex_count(small.geometry), 48u);
    EXPECT_GE(small.iou, 0.95);
}

TEST(Regularize, DropsSpecksBesideABuildingAndInIt) {
    Polygon house = box(0, 0, 12, 9);
    house.holes.push_back(box(4, 4, 0.5, 0.5).outer);
    house.holes.push_back(box(6, 3, 3, 3).outer);
    const RegularBuilding building = regularize({{house, box(13, 2, 0.3, 0.3)}}, {pixel})[0];
    EXPECT_EQ(building.status, "rectangular");
    ASSERT_EQ(building.geometry.size(), 1u);
    EXPECT_EQ(building.geometry[0].holes.size(), 1u);
}

TEST(Regularize, RefusesOptionsThatMakeNoSense) {
    EXPECT_THROW(regularize({}, {0}), Error);
    RegularizeOptions options;
    options.min_iou = 1.5;
    EXPECT_THROW(regularize({}, options), Error);
}

}  // namespace
}  // namespace landseam::vectors
