// Land cut up into blocks, plots and fields, and bent, so that not all of it is straight.
#pragma once

#include "scene_maker/geometry.h"
#include "scene_maker/random.h"

#include <cstdint>
#include <vector>

namespace landseam::scene_maker {

struct SubdivisionRule {
    double area = 1000;        // m²: larger cells are cut, give or take
    double spread = 1.5;       // the factor by which that limit differs from cell to cell
    double slenderness = 1.2;  // cells are cut along until they are longer than this times their width
    double slant = 0.08;       // radians by which a cut is askew, at most
    double off_centre = 0.15;  // share of the cell's extent by which a cut misses the middle, at most
};

// A line along which something was cut, from edge to edge.
struct Cut {
    Point from, to;
};

struct Subdivision {
    std::vector<Ring> cells;  // convex; together they are what was cut up
    std::vector<Cut> cuts;    // the first ones are the longest
};

Subdivision subdivided(Random& random, const Ring& convex, const SubdivisionRule& rule);

// Slices side by side along `direction`, each about `width` wide, give or take the share `spread` of it.
std::vector<Ring> sliced(Random& random, const Ring& convex, Point direction, double width, double spread);

// The convex ring without a margin along its edges; empty if nothing is left.
Ring inset(const Ring& convex, double margin);

// The direction of the longest edge, a unit vector.
Point longest_direction(const Ring& ring);
// The extent of a ring in a frame.
struct Extent {
    double u0 = 0, v0 = 0, u1 = 0, v1 = 0;
};
Extent extent_in(const LocalFrame& frame, const Ring& ring);

// A box with its corner at the frame's origin.
struct Box {
    LocalFrame frame;
    double length = 0;  // along u
    double width = 0;   // along v

    Ring ring() const { return rectangle(frame, 0, 0, length, width); }
    Point centre() const { return frame.at(length / 2, width / 2); }
};
// A large box inside a convex ring, with its sides along and across `direction`.
Box box_inside(const Ring& convex, Point direction);

// A smooth displacement of the plane.
class Warp {
public:
    // Points move by up to `reach` metres, in waves of about `wave_m`; for reach below a sixth of that,
    // nothing folds over.
    Warp(double reach, double wave_m, std::uint64_t seed) : reach_(reach), wave_(wave_m), seed_(seed) {}

    Point operator()(Point p) const;
    // The frame at its new place, turned as the ground there, and still orthonormal.
    LocalFrame operator()(const LocalFrame& frame) const;
    // Edges get vertices every `step` metres, so that they bend.
    Ring bent(const Ring& ring, double step) const;
    Path bent(Point from, Point to, double step) const;

private:
    double reach_, wave_;
    std::uint64_t seed_;
};

}  // namespace landseam::scene_maker
