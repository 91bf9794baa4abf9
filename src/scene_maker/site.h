// A training scene while it is planned: the plan, and what all of its makers share.
#pragma once

#include "landseam/scene_maker/training_scene.h"

#include "scene_maker/plan.h"
#include "scene_maker/subdivision.h"

namespace landseam::scene_maker {

enum class Ground { dirt, sand, gravel, concrete, asphalt, lawn, meadow, weeds, rubble, crop };
enum class Cover { tile, tin, painted_tin, concrete, membrane, felt, thatch, plastic };

struct Site {
    explicit Site(const TrainingSceneOptions& options);

    Plan plan;
    Random random;
    double width_m, height_m, gsd_m;
    Warp warp{0, 1, 0};
    // What the ground is made of here, and what grows on it: scenes differ more than plots do.
    Spectrum soil, grass, dry;

    Point centre() const { return {width_m / 2, height_m / 2}; }
    // Bends what is built: by up to `most_reach` metres in waves between the two lengths.
    void bend(double most_reach, double least_wave, double most_wave);
    // A box around the picture, turned by any angle, with enough around it for shadows and bends.
    Ring surroundings(double margin_m);
    // False for what lies outside the picture and casts no shadow into it.
    bool near_picture(const Ring& ring, double margin_m) const;
    // True for what is at least a few pixels wide, and so a thing of its own in the picture.
    bool shows(double metres) const { return metres >= 4 * gsd_m; }
    // The plan's bottom: covers everything.
    Surface& lay_ground(const Paint& look);
    // A piece of ground bent with the site; it begins a piece of land of its own.
    Surface& lay_land(Layer layer, const Ring& ring, const Paint& look, double step_m);
};

// Streets between blocks: along some of the cuts the ground is another, a part of the road; dashes where
// painted.
void lay_lanes(Site& site, const std::vector<Cut>& cuts, double half_width, Ground ground, bool dashes);

// Looks. `varied` makes lighter or darker by up to `amount`, and tints by a third of that.
Spectrum varied(Random& random, const Spectrum& colour, double amount);
Spectrum between(const Spectrum& a, const Spectrum& b, double share);
Paint plain(const Spectrum& colour, double grain = 0.04);
Paint ground_look(Site& site, Ground ground);
Paint cover_look(Site& site, Cover cover);
// A crop along `angle`, or ploughed or harvested ground.
Paint crop_look(Site& site, double angle);

// Roofs. All add one object and its parts.
enum class HouseForm { gable, hip, angled, lean_to, court, round, flat };
// A building with walls `eaves` high that fills the box (a round one: its middle).
void add_house(Site& site, const Box& box, HouseForm form, double eaves, const Paint& look);
// A flat roof of any convex shape, with a parapet and what stands on roofs; returns the object.
int add_flat_roof(Site& site, const Ring& footprint, double height, const Paint& look, double clutter);
// Several arches side by side, each a part.
void add_greenhouses(Site& site, const Box& box);
// Round, with a top that rises by `rise` to the middle; a part of `object`, or an object if that is no_mark.
void add_tank(Site& site, Point centre, double radius, double base, double rise, const Paint& look,
              int object);
// A wall along the ring's edges, inside it; not a thing of its own.
void add_wall(Site& site, const Ring& ring, double thickness, double base, const Paint& look, int object,
              int part);

// Plants. Sizes in metres; a tree too small to show is part of what is below it.
void plant_tree(Site& site, Point p, double radius);
void plant_trees(Site& site, const Ring& ring, double per_hectare, double least, double most);
void plant_palm(Site& site, Point p, double radius);
// Trees close together; one object, the crowns its parts where they show.
void plant_wood(Site& site, const Ring& ring);
void plant_grid(Site& site, const Ring& ring, Point direction, double row, double step, double radius);
// Low bushes of any kind, not things of their own.
void scatter_bushes(Site& site, const Ring& ring, double per_hectare, double least, double most);

// A car that is an object only where it shows.
void put_car(Site& site, const LocalFrame& frame);
void put_cars_along(Site& site, const Path& path, double half_width, double chance);
// Rows of cars in bays; false bays stay empty.
void fill_car_park(Site& site, const Box& box, double filled);

void plan_drone_town(Site& site);
void plan_farmland(Site& site);
void plan_suburb(Site& site);
void plan_industrial(Site& site);
void plan_desert_town(Site& site);

}  // namespace landseam::scene_maker
