// Masks of overlapping tiles joined into the objects of the scene.
#pragma once

#include "landseam/core/tile_mask.h"
#include "landseam/tiling/tile_layout.h"

#include <memory>
#include <vector>

namespace landseam::seam_merge {

struct MergeOptions {
    // A mask that comes within this many pixels of an edge of its tile, other than the scene's edge, is cut
    // there and may go on in the next tile. Masks of a model are ragged by some pixels at a tile's edge.
    int edge_margin = 5;
    // By how many pixels the outlines of one object may differ between two tiles. Used only for what is too
    // thin for intersection over union to be meaningful.
    int tolerance = 4;
    // Two masks agree if their intersection over union inside the pixels both tiles saw is at least this.
    double min_agreement = 0.65;
    // Thin masks, and several masks that stand for one, agree if each side covers at least this share of the
    // other one, widened by `tolerance`.
    double min_coverage = 0.8;
    // Two masks of one tile that share more than this part of the smaller one are different things (a roof
    // and its dormer, a field and its plot) and never pieces of one object.
    double max_self_overlap = 0.5;
    // Of two objects at least this alike (intersection over union) only the better one stays.
    double duplicate_iou = 0.8;
    // What is seen whole by tiles that show nothing alike is dropped if more than this times the root of its
    // area ends openly at edges of tiles: it is the edge that made it. Large values keep everything.
    double max_open_edge = 0.4;

    // Throws Error of kind usage.
    void validate() const;
};

// Joins the masks of overlapping tiles.
//
// What two masks of different tiles say about each other is decided inside the overlap that both tiles saw,
// from what both show there and where their tiles end:
// - Each sees all of the other one: duplicates. The better one stays: one that no tile edge cuts; then the
//   higher predicted_iou × stability_score; then the one farther from its tile's edge; then the larger one.
// - One sees all of the other one, which is cut: a fragment. It is dropped, and only counted in `tiles`.
//   A mask that no edge cuts is complete, and never joined to anything.
// - Both are cut and go on beyond the other tile: pieces. Their union is the object.
// - One goes on beyond a tile whose mask is not cut on that side: a part and a whole. They stay apart.
// - One is cut, and the other one's tile sees all of it and has nothing that agrees: the better view counts.
//   The cut one is dropped, with what it was joined to, if that still ends openly at edges of tiles and
//   each of its pieces is refuted so.
// Agreement is tested between the connected parts that two masks have in the overlap, so an object may be one
// mask in this tile and several in the next; each part is given to one partner only, best agreement first;
// and two masks of one tile that lie over each other never end up in one object. Without overlap nothing can
// agree and cut pieces stay as they are; so does the piece of an object that the next tile missed.
//
// Attributes of a segment: predicted_iou and stability_score are means weighted by the areas of its pieces,
// so is each of `attributes`, over the pieces that have
// it; `tiles` counts the tiles with a piece, fragment or duplicate of it, touches_edge tells that it reaches
// the scene's border. Masks of one tile are not compared with each other for likeness, which is for the
// generator to do, with one exception: of two cut masks alike (duplicate_iou) of which only one goes on in
// other tiles, the other is dropped.
//
// The segments depend on the tiles' masks alone, to the bit: not on the order of tiles, nor of masks in a
// tile. Memory follows the tiles with unfinished neighbours. Not thread-safe; calls must come one after the
// other.
class SeamMerger {
public:
    // Throws Error of kind usage if an option makes no sense.
    explicit SeamMerger(tiling::TileLayout tiles, const MergeOptions& options = {});
    ~SeamMerger();
    SeamMerger(SeamMerger&&) noexcept;
    SeamMerger& operator=(SeamMerger&&) noexcept;

    // Takes all masks of a tile, in the tile's pixels; empty masks are passed over. Of the members,
    // `segmentation`, `predicted_iou`, `stability_score` and `attributes` are used. Tiles come in any order,
    // each once; one without masks must come as well. Throws Error, and keeps what it had, if there is no
    // such tile, if it was added before, or if a mask reaches beyond it or has a score that is not finite.
    void add_tile(int tile_index, std::vector<TileMask> masks);

    // In place of add_tile() for a tile that could not be looked at: what others cut at its edge stays as it
    // is, for nobody knows whether the tile would have shown it.
    void pass_over(int tile_index);

    // The objects finished since the last call: those that no tile still to come can touch. Once all tiles
    // were added or passed over, that is all of them. Sorted by first pixel (row, then column).
    std::vector<Segment> take_finished();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace landseam::seam_merge
