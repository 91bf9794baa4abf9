// The plan of a scene: what stands where and what it looks like, before anything is drawn. Metres; (0, 0) is
// the upper left corner of the picture, x runs east and y south.
#pragma once

#include "landseam/scene_maker/scene.h"

#include "scene_maker/geometry.h"
#include "scene_maker/materials.h"
#include "scene_maker/random.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::scene_maker {

// What a surface is on a level of truth, where it is no thing of its own: nothing, or the same as whatever
// lies below it (a bush on a field is field, a car on a road is road on the level of the land).
inline constexpr int no_mark = -1, mark_below = -2;

// Later layers lie over earlier ones of the same height.
enum class Layer {
    ground,
    land,
    land_detail,
    bank,
    water,
    parcel,
    pavement,
    paved,
    kerb,
    road,
    marking,
    low,
    roof,
    detail
};

enum class Relief {
    plane,   // base + slope · (p − origin)
    crown,   // a lumpy dome from base at `radius` to top at the origin
    cone,    // likewise with straight sides
    canopy,  // many domes of about `radius` between base and top
};

// Something with one look and one shape of top. The height above the ground is in metres.
struct Surface {
    Ring ring;
    Layer layer = Layer::ground;
    Paint paint;
    int object = no_mark;   // index into Plan::objects, or as above
    int part = no_mark;     // of an object; numbers as Plan::add_part gives them
    int land = mark_below;  // the piece of land to which it belongs; numbers as Plan::add_land gives them
    std::uint64_t seed = 0;
    Relief relief = Relief::plane;
    Point origin;
    Point slope;
    double radius = 1;
    double base = 0;
    double top = 0;
};

struct PlannedObject {
    std::string class_name;
    Ring outline;
};

class Plan {
public:
    explicit Plan(std::uint64_t seed) : seed_(seed) {}

    int add_object(const std::string& class_name, const Ring& outline);
    // The surface is flat, at height 0, until the caller says otherwise; the reference holds until the next
    // call.
    Surface& paint(Layer layer, const Ring& ring, const Paint& paint, int object = -1);
    // Both: an object of one surface that is its outline.
    Surface& paint_object(const std::string& class_name, Layer layer, const Ring& ring, const Paint& paint);

    // Marks for surfaces painted from now on. Each is a part of its own until the caller says otherwise; all
    // are on the piece of land that was begun last.
    int add_part() { return parts_++; }
    int begin_land() { return land = lands_++; }
    int land = mark_below;

    std::vector<Surface>& surfaces() { return surfaces_; }
    // By layer, then in the order in which they were painted.
    std::vector<Surface> sorted_surfaces() const;
    const std::vector<PlannedObject>& objects() const { return objects_; }

    Occupancy occupancy;

private:
    std::uint64_t seed_;
    std::vector<Surface> surfaces_;
    std::vector<PlannedObject> objects_;
    int parts_ = 0;
    int lands_ = 0;
};

// Plans a town edge for the options' size, ground sampling distance and seed.
Plan plan_town_edge(const SceneOptions& options);

// The parts of which it is made. Each paints, lists its objects and marks the ground that it takes.

enum class RoofForm { gable, hip, flat, angled };  // angled: two gables at a right angle, an L from above
struct BuildingSize {
    double length = 0;  // along u, metres
    double width = 0;   // along v
    double eaves = 0;   // height
    double pitch = 0;   // rise over run; 0: steep, as drawn
    bool bare = false;  // without chimneys, windows and panels
};
// The building's box is [0, length] × [0, width] of the frame; an angled one leaves one corner of it free.
void add_building(Plan& plan, Random& random, const LocalFrame& frame, const BuildingSize& size,
                  RoofForm form, const Paint& roof);
// What roofs of a street look like: one main colour, and now and then another.
Paint random_roof(Random& random, int street_style);
// A low one with a single slope; class "shed".
void add_shed(Plan& plan, Random& random, const LocalFrame& frame, double length, double width);

// A tree, wherever it is put; the reference holds until the next call.
Surface& paint_tree(Plan& plan, Random& random, Point centre, double radius, bool conifer);
// Trees keep clear of buildings, roads and water; false if there is no room.
bool add_tree(Plan& plan, Random& random, Point centre, double radius, bool conifer);
void add_shrub(Plan& plan, Random& random, Point centre, double radius);
void add_hedge(Plan& plan, Random& random, const Ring& ring, double height);
void add_wood(Plan& plan, Random& random, const Ring& ring);

// A car on the frame's origin, its length along u; false if there is no room among cars and buildings.
bool add_car(Plan& plan, Random& random, const LocalFrame& frame);

struct Street {
    Path centre;
    double half_width = 2.75;  // of the carriageway, metres
    double pavement = 1.8;     // on both sides
    bool main_road = false;
    bool crosses_blocks = false;  // along the short sides of the blocks
    int style = 0;                // what the roofs look like

    double reserve() const { return half_width + pavement; }
};
void paint_streets(Plan& plan, Random& random, const std::vector<Street>& streets);
void paint_track(Plan& plan, const Path& centre);
// Along one street, clear of driveways and of the junctions with the others.
void park_cars(Plan& plan, Random& random, const std::vector<Street>& streets, std::size_t which);

// Parcels with houses along one side (+1 left, −1 right) of a street, between two distances from its start.
void build_parcels(Plan& plan, Random& random, const Street& street, double side, double from, double to);
// A parcel with one large building and a yard; false if there is no room.
bool build_farm(Plan& plan, Random& random, const Street& street, double side, double at);

// A garden with a house, a drive and what grows there, on the box [0, width] × [0, depth] of the frame; v = 0
// is the edge of the pavement, which is `pavement` wide.
struct Garden {
    LocalFrame frame;
    double width = 0;
    double depth = 0;
    double pavement = 0;
    int style = 0;  // what the roof looks like
    double pool_chance = 0.045;
};
void build_garden(Plan& plan, Random& random, const Garden& garden);

// What a piece of open land is used for.
enum class LandUse {
    row_crop,
    ripe_cereal,
    young_cereal,
    bare_soil,
    vegetables,
    meadow,
    pond_meadow,
    orchard,
    wood
};
// A pond is dug at `focus`, a point of the cell.
void farm_land(Plan& plan, Random& random, const Ring& cell, Point focus, LandUse use);

}  // namespace landseam::scene_maker
