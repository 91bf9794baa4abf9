#include "landseam/seam_merge/seam_merger.h"

#include "landseam/core/error.h"

#include "seam_merge/cluster_resolver.h"
#include "seam_merge/overlap_matcher.h"
#include "seam_merge/piece.h"
#include "seam_merge/run_parts.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <unordered_map>

namespace landseam::seam_merge {
namespace {

constexpr int widest_margin = 1000;
constexpr double alike = 0.5;  // masks of one tile that may become duplicates once joined to others

void check_pixels(const char* name, int value) {
    if (value < 0 || value > widest_margin)
        throw Error(name, std::to_string(value) + " is out of range",
                    "give 0 to " + std::to_string(widest_margin) + " pixels", ErrorKind::usage);
}

void check_share(const char* name, double value, double least) {
    if (!(value >= least && value <= 1))  // NaN included
        throw Error(name, std::to_string(value) + " is out of range",
                    "give " + std::to_string(least) + " to 1", ErrorKind::usage);
}

const MergeOptions& checked(const MergeOptions& options) {
    options.validate();
    return options;
}

unsigned cut_sides(const PixelBox& bounds, const PixelBox& window, const PixelBox& scene, int margin) {
    unsigned sides = 0;
    if (window.x > scene.x && bounds.x - window.x <= margin) sides |= left_side;
    if (window.y > scene.y && bounds.y - window.y <= margin) sides |= top_side;
    if (window.right() < scene.right() && window.right() - bounds.right() <= margin) sides |= right_side;
    if (window.bottom() < scene.bottom() && window.bottom() - bounds.bottom() <= margin) sides |= bottom_side;
    return sides;
}

// How far the bounds stay from the window's inner edges; the scene's size if it has none.
std::int64_t distance_to_edge(const PixelBox& bounds, const PixelBox& window, const PixelBox& scene) {
    std::int64_t distance = std::max(scene.width, scene.height);
    if (window.x > scene.x) distance = std::min(distance, bounds.x - window.x);
    if (window.y > scene.y) distance = std::min(distance, bounds.y - window.y);
    if (window.right() < scene.right()) distance = std::min(distance, window.right() - bounds.right());
    if (window.bottom() < scene.bottom()) distance = std::min(distance, window.bottom() - bounds.bottom());
    return distance;
}

// Higher ones first, missing ones last.
bool attributes_come_before(const std::vector<double>& p, const std::vector<double>& q) {
    const auto higher = [](double a, double b) { return std::isnan(b) ? !std::isnan(a) : a > b; };
    return std::lexicographical_compare(p.begin(), p.end(), q.begin(), q.end(), higher);
}

// A total order of pieces, and of segments, by nothing but themselves.
template <typename Masked>
bool precedes(const Masked& p, const Masked& q) {
    if (p.mask != q.mask) return comes_before(p.mask, q.mask);
    const auto scores_p = std::tie(p.predicted_iou, p.stability_score),
               scores_q = std::tie(q.predicted_iou, q.stability_score);
    return scores_p != scores_q ? scores_p > scores_q : attributes_come_before(p.attributes, q.attributes);
}

}  // namespace

void MergeOptions::validate() const {
    check_pixels("edge margin", edge_margin);
    check_pixels("tolerance", tolerance);
    // At half or less, a mask could agree with two others over the same pixels.
    check_share("minimal agreement", min_agreement, 0.5);
    check_share("minimal coverage", min_coverage, 0.5);
    check_share("largest overlap of masks of one tile", max_self_overlap, 0);
    check_share("intersection over union of duplicates", duplicate_iou, 0.5);
    if (!(max_open_edge >= 0))
        throw Error("open edge", std::to_string(max_open_edge) + " is out of range", "give 0 or more",
                    ErrorKind::usage);
}

class SeamMerger::Implementation {
public:
    Implementation(tiling::TileLayout tiles, const MergeOptions& options)
        : tiles_(std::move(tiles)), options_(checked(options)), added_(tiles_.count()) {}

    void add_tile(int index, std::vector<TileMask> masks) {
        const PixelBox window = tiles_.window(index);
        const std::string name = "tile " + std::to_string(index);
        check_new(index);
        const PixelBox frame{0, 0, window.width, window.height};
        for (const TileMask& mask : masks) {
            if (!std::isfinite(mask.predicted_iou) || !std::isfinite(mask.stability_score))
                throw Error(name, "a mask has a score that is not a number");
            if (!frame.contains(mask.segmentation.bounds()))
                throw Error(name, "a mask reaches beyond the tile's " + std::to_string(frame.width) + " by " +
                                      std::to_string(frame.height) + " pixels");
        }
        OpenTile& added = open_tiles_[index];
        added.window = window;
        added.pieces = pieces_from(std::move(masks), index, window);
        take_in(index, added);
    }

    void pass_over(int index) {
        const PixelBox window = tiles_.window(index);
        check_new(index);
        OpenTile& added = open_tiles_[index];
        added.window = window;
        added.was_looked_at = false;
        take_in(index, added);
    }

    std::vector<Segment> take_finished() {
        std::vector<Segment> segments;
        for (const auto& cluster : closed_)
            for (Segment& segment : resolve(*cluster, tiles_.scene(), options_))
                segments.push_back(std::move(segment));
        closed_.clear();
        std::sort(segments.begin(), segments.end(), precedes<Segment>);
        return segments;
    }

private:
    // A tile that neighbours still to come may have to be matched with.
    struct OpenTile {
        PixelBox window;
        std::vector<std::shared_ptr<Piece>> pieces;
        bool was_looked_at = true;
        int awaited = 0;
    };

    void check_new(int index) const {
        if (added_[index]) throw Error("tile " + std::to_string(index), "it was added to the merge before");
    }

    void take_in(int index, OpenTile& added) {
        const PixelBox window = added.window;
        const std::vector<int> neighbours = tiles_.neighbours(index);
        added.awaited = static_cast<int>(
            std::count_if(neighbours.begin(), neighbours.end(), [&](int other) { return !added_[other]; }));
        added_[index] = true;
        start_clusters(added, neighbours);
        relate_alike(added);
        for (int other : neighbours)
            if (added_[other]) match(index, other);
        for (const auto& piece : added.pieces) close_if_finished(piece->cluster);
        for (int other : neighbours)
            if (added_[other]) no_longer_await(other, window);
        if (added.awaited == 0) open_tiles_.erase(index);
    }

    std::vector<std::shared_ptr<Piece>> pieces_from(std::vector<TileMask> masks, int index,
                                                    const PixelBox& window) const {
        std::vector<std::shared_ptr<Piece>> pieces;
        for (TileMask& mask : masks) {
            if (mask.segmentation.empty()) continue;
            auto piece = std::make_shared<Piece>();
            piece->tile = index;
            piece->mask = mask.segmentation.shifted(window.x, window.y);
            mask.segmentation = {};
            piece->bounds = piece->mask.bounds();
            piece->window = window;
            piece->area = piece->mask.area();
            piece->connected = connected_parts(piece->mask).count == 1;
            piece->predicted_iou = mask.predicted_iou;
            piece->stability_score = mask.stability_score;
            piece->attributes = std::move(mask.attributes);
            piece->cut_sides = cut_sides(piece->bounds, window, tiles_.scene(), options_.edge_margin);
            piece->distance_to_edge = distance_to_edge(piece->bounds, window, tiles_.scene());
            pieces.push_back(std::move(piece));
        }
        std::sort(pieces.begin(), pieces.end(),
                  [](const auto& p, const auto& q) { return precedes(*p, *q); });
        for (std::size_t i = 0; i < pieces.size(); ++i) pieces[i]->rank = static_cast<int>(i);
        return pieces;
    }

    // Whether the masks of a tile with this window can matter to the piece.
    bool can_matter(const Piece& piece, const PixelBox& window) const {
        const std::int64_t by = reach(options_);
        const PixelBox& box = piece.bounds;
        return !intersection({box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by}, window)
                    .empty();
    }

    void start_clusters(OpenTile& tile, const std::vector<int>& neighbours) {
        std::vector<PixelBox> awaited;
        for (int other : neighbours)
            if (!added_[other]) awaited.push_back(tiles_.window(other));
        for (const auto& piece : tile.pieces) {
            piece->awaited =
                static_cast<int>(std::count_if(awaited.begin(), awaited.end(), [&](const PixelBox& window) {
                    return can_matter(*piece, window);
                }));
            auto cluster = std::make_unique<Cluster>();
            cluster->pieces.push_back(piece);
            cluster->awaited = piece->awaited;
            piece->cluster = cluster.get();
            open_.emplace(cluster.get(), std::move(cluster));
        }
    }

    // Masks of one tile that are alike are not related themselves, but what becomes of them is decided
    // together.
    void relate_alike(OpenTile& tile) {
        for (std::size_t i = 0; i < tile.pieces.size(); ++i) {
            Piece& p = *tile.pieces[i];
            for (std::size_t j = i + 1; j < tile.pieces.size(); ++j) {
                Piece& q = *tile.pieces[j];
                if (q.bounds.y >= p.bounds.bottom()) break;  // ranks follow the first row
                const auto smaller = static_cast<double>(std::min(p.area, q.area));
                if (smaller < alike * static_cast<double>(std::max(p.area, q.area))) continue;
                if (intersection(p.bounds, q.bounds).empty()) continue;
                if (intersection_over_union(p.mask, q.mask) >= alike) join_clusters(p, q);
            }
        }
    }

    void match(int index, int other) {
        const int low = std::min(index, other), high = std::max(index, other);
        const OpenTile &a = open_tiles_.at(low), &b = open_tiles_.at(high);
        const std::vector<Piece*> pieces_a = that_can_matter(a, b.window),
                                  pieces_b = that_can_matter(b, a.window);
        for (const Relation& relation : match_overlap(pieces_a, a.window, pieces_b, b.window, options_)) {
            join_clusters(*relation.a, *relation.b);
            if (relation.same_object || relation.a_fragment || relation.b_fragment)
                relation.a->cluster->relations.push_back(relation);
        }
        if (b.was_looked_at) note_seen(pieces_a, high, b.window);
        if (a.was_looked_at) note_seen(pieces_b, low, a.window);
    }

    // Notes which of one tile's cut pieces another tile sees whole.
    void note_seen(const std::vector<Piece*>& pieces, int tile, const PixelBox& window) const {
        for (Piece* piece : pieces)
            if (!piece->complete() && window.contains(piece->bounds) &&
                cut_sides(piece->bounds, window, tiles_.scene(), options_.edge_margin) == 0)
                piece->seen_by.push_back(tile);
    }

    std::vector<Piece*> that_can_matter(const OpenTile& tile, const PixelBox& window) const {
        std::vector<Piece*> pieces;
        for (const auto& piece : tile.pieces)
            if (can_matter(*piece, window)) pieces.push_back(piece.get());
        return pieces;
    }

    void join_clusters(Piece& p, Piece& q) {
        Cluster *into = p.cluster, *from = q.cluster;
        if (into == from) return;
        if (into->pieces.size() < from->pieces.size()) std::swap(into, from);
        for (const auto& piece : from->pieces) piece->cluster = into;
        into->pieces.insert(into->pieces.end(), from->pieces.begin(), from->pieces.end());
        into->relations.insert(into->relations.end(), from->relations.begin(), from->relations.end());
        into->awaited += from->awaited;
        open_.erase(from);
    }

    // A tile with this window has come and been matched with tile `index`.
    void no_longer_await(int index, const PixelBox& window) {
        OpenTile& tile = open_tiles_.at(index);
        for (const auto& piece : tile.pieces) {
            if (!can_matter(*piece, window)) continue;
            --piece->awaited;
            --piece->cluster->awaited;
            close_if_finished(piece->cluster);
        }
        if (--tile.awaited == 0) open_tiles_.erase(index);
    }

    void close_if_finished(Cluster* cluster) {
        const auto open = open_.find(cluster);
        if (open == open_.end() || cluster->awaited > 0) return;
        closed_.push_back(std::move(open->second));
        open_.erase(open);
    }

    const tiling::TileLayout tiles_;
    const MergeOptions options_;
    std::vector<bool> added_;
    std::unordered_map<int, OpenTile> open_tiles_;                 // looked up, never iterated
    std::unordered_map<Cluster*, std::unique_ptr<Cluster>> open_;  // looked up, never iterated
    std::vector<std::unique_ptr<Cluster>> closed_;
};

SeamMerger::SeamMerger(tiling::TileLayout tiles, const MergeOptions& options)
    : implementation_(std::make_unique<Implementation>(std::move(tiles), options)) {}
SeamMerger::~SeamMerger() = default;
SeamMerger::SeamMerger(SeamMerger&&) noexcept = default;
SeamMerger& SeamMerger::operator=(SeamMerger&&) noexcept = default;

void SeamMerger::add_tile(int tile_index, std::vector<TileMask> masks) {
    implementation_->add_tile(tile_index, std::move(masks));
}

void SeamMerger::pass_over(int tile_index) {
    implementation_->pass_over(tile_index);
}

std::vector<Segment> SeamMerger::take_finished() {
    return implementation_->take_finished();
}

}  // namespace landseam::seam_merge
