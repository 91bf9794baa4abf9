// What the merge keeps of a mask, and what it finds out about two of them.
#pragma once

#include "landseam/core/pixel_box.h"
#include "landseam/core/run_mask.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace landseam::seam_merge {

struct Cluster;

// The sides of a tile's window, as bits.
enum Side : unsigned { left_side = 1, top_side = 2, right_side = 4, bottom_side = 8, all_sides = 15 };

// One mask of one tile.
struct Piece {
    int tile = 0;
    int rank = 0;  // its place among the tile's masks, sorted by geometry; (tile, rank) breaks every tie
    RunMask mask;  // scene pixels
    PixelBox bounds;
    PixelBox window;  // of its tile
    std::int64_t area = 0;
    bool connected = true;  // over the sides of pixels
    double predicted_iou = 0;
    double stability_score = 0;
    std::vector<double> attributes;
    unsigned cut_sides = 0;             // sides of the window where the mask may go on
    std::int64_t distance_to_edge = 0;  // from its bounds to the nearest inner edge of its window
    int awaited = 0;                    // tiles still to come that can see it
    Cluster* cluster = nullptr;
    std::vector<int> seen_by;  // of a cut one: other tiles that see all of it, clear of their edges

    bool complete() const { return cut_sides == 0; }
    double quality() const { return predicted_iou * stability_score; }
    std::pair<int, int> key() const { return {tile, rank}; }
};

// What two pieces are to each other.
struct Relation {
    Piece* a = nullptr;
    Piece* b = nullptr;
    double score = 0;         // how well they agree
    bool a_fragment = false;  // a adds nothing to b, and is dropped if b is the better one
    bool b_fragment = false;
    bool same_object = false;  // if both are kept, they are joined
};

// Pieces that have to do with each other, directly or through others: what is decided at one time.
struct Cluster {
    std::vector<std::shared_ptr<Piece>> pieces;
    std::vector<Relation> relations;
    int awaited = 0;  // sum over pieces
};

}  // namespace landseam::seam_merge
