#include "seam_merge/cluster_resolver.h"

#include "seam_merge/open_edges.h"
#include "seam_merge/run_parts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace landseam::seam_merge {
namespace {

// Which of two pieces of one object shows it better. A strict total order.
bool better(const Piece& p, const Piece& q) {
    if (p.complete() != q.complete()) return p.complete();
    if (p.complete()) {
        return std::make_tuple(-p.quality(), -p.distance_to_edge, -p.area, p.key()) <
               std::make_tuple(-q.quality(), -q.distance_to_edge, -q.area, q.key());
    }
    return std::make_tuple(-p.area, -p.quality(), p.key()) < std::make_tuple(-q.area, -q.quality(), q.key());
}

// The strongest relations first.
bool stronger(const Relation& p, const Relation& q) {
    return std::make_tuple(-p.score, p.a->key(), p.b->key()) <
           std::make_tuple(-q.score, q.a->key(), q.b->key());
}

// Pieces of one object, by tile.
struct Group {
    std::map<int, std::vector<const Piece*>> pieces;
    std::set<int> tiles;  // those of fragments and duplicates included

    // The tile of its only piece; −1 if it has several.
    int only_tile() const {
        return pieces.size() == 1 && pieces.begin()->second.size() == 1 ? pieces.begin()->first : -1;
    }
};

bool lie_over_each_other(const Piece& p, const Piece& q, double max_self_overlap) {
    return !intersection(p.bounds, q.bounds).empty() &&
           static_cast<double>(intersection_area(p.mask, q.mask)) >
               max_self_overlap * static_cast<double>(std::min(p.area, q.area));
}

bool compatible(const Group& smaller, const Group& larger, double max_self_overlap) {
    for (const auto& [tile, pieces] : smaller.pieces) {
        const auto same_tile = larger.pieces.find(tile);
        if (same_tile == larger.pieces.end()) continue;
        for (const Piece* p : pieces)
            for (const Piece* q : same_tile->second)
                if (lie_over_each_other(*p, *q, max_self_overlap)) return false;
    }
    return true;
}

class Resolver {
public:
    Resolver(const Cluster& cluster, const MergeOptions& options)
        : relations_(cluster.relations), options_(options) {
        std::sort(relations_.begin(), relations_.end(), stronger);
        for (const auto& piece : cluster.pieces) pieces_.push_back(piece.get());
        std::sort(pieces_.begin(), pieces_.end(),
                  [](const Piece* p, const Piece* q) { return p->key() < q->key(); });
    }

    std::vector<Group> groups() {
        drop_fragments();
        join_pieces();
        for (const Piece* piece : pieces_) groups_[root_of(keeper_of(piece))].tiles.insert(piece->tile);
        std::vector<Group> all;
        for (const Piece* piece : pieces_) {
            const auto group = groups_.find(piece);
            if (group != groups_.end()) all.push_back(std::move(group->second));
        }
        return all;
    }

private:
    // Each fragment or duplicate points to a better piece of its object; as `better` is an order, following
    // the pointers ends at a piece that is kept.
    void drop_fragments() {
        for (const Relation& relation : relations_) {
            if (relation.a_fragment && better(*relation.b, *relation.a))
                keeper_.emplace(relation.a, relation.b);
            else if (relation.b_fragment && better(*relation.a, *relation.b))
                keeper_.emplace(relation.b, relation.a);
        }
    }

    const Piece* keeper_of(const Piece* piece) const {
        for (auto next = keeper_.find(piece); next != keeper_.end(); next = keeper_.find(piece))
            piece = next->second;
        return piece;
    }

    const Piece* root_of(const Piece* piece) {
        for (auto next = parent_.find(piece); next != parent_.end(); next = parent_.find(piece))
            piece = next->second;
        return piece;
    }

    // Joins along the strongest relations first, and not where parts and wholes would be chained.
    void join_pieces() {
        for (const Piece* piece : pieces_)
            if (!keeper_.count(piece)) groups_[piece].pieces[piece->tile] = {piece};
        for (const Relation& relation : relations_) {
            if (!relation.same_object || keeper_.count(relation.a) || keeper_.count(relation.b)) continue;
            const Piece *smaller = root_of(relation.a), *larger = root_of(relation.b);
            if (smaller == larger) continue;
            if (groups_[smaller].pieces.size() > groups_[larger].pieces.size()) std::swap(smaller, larger);
            Group &from = groups_[smaller], &into = groups_[larger];
            if (!compatible(from, into, options_.max_self_overlap)) continue;
            for (auto& [tile, pieces] : from.pieces) {
                auto& all = into.pieces[tile];
                all.insert(all.end(), pieces.begin(), pieces.end());
            }
            groups_.erase(smaller);
            parent_[smaller] = larger;
        }
    }

    std::vector<Relation> relations_;
    const MergeOptions& options_;
    std::vector<const Piece*> pieces_;
    std::unordered_map<const Piece*, const Piece*> keeper_, parent_;
    std::unordered_map<const Piece*, Group> groups_;  // by root; never iterated
};

struct Candidate {
    Segment segment;
    PixelBox bounds;
    std::int64_t area = 0;
    std::set<int> tiles;
    int only_tile = -1;  // of its only piece
};

// Means of the pieces' attributes, weighted by area, each over the pieces that have it; NaN where none has.
std::vector<double> mean_attributes(const Group& group) {
    std::vector<double> sums, weights;
    for (const auto& [tile, pieces] : group.pieces)
        for (const Piece* piece : pieces) {
            sums.resize(std::max(sums.size(), piece->attributes.size()));
            weights.resize(sums.size());
            for (std::size_t i = 0; i < piece->attributes.size(); ++i) {
                if (!std::isfinite(piece->attributes[i])) continue;
                sums[i] += static_cast<double>(piece->area) * piece->attributes[i];
                weights[i] += static_cast<double>(piece->area);
            }
        }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] /= weights[i];
    return sums;
}

Candidate candidate_from(Group& group, const PixelBox& scene) {
    Candidate candidate;
    Segment& segment = candidate.segment;
    std::vector<const RunMask*> masks;
    double weight = 0;
    for (auto& [tile, pieces] : group.pieces) {
        std::sort(pieces.begin(), pieces.end(),
                  [](const Piece* p, const Piece* q) { return p->rank < q->rank; });
        for (const Piece* piece : pieces) {
            const auto area = static_cast<double>(piece->area);
            masks.push_back(&piece->mask);
            segment.predicted_iou += area * piece->predicted_iou;
            segment.stability_score += area * piece->stability_score;
            weight += area;
        }
    }
    if (masks.size() == 1) {
        const Piece& only = *group.pieces.begin()->second.front();
        segment.predicted_iou = only.predicted_iou;  // not through a product and a quotient
        segment.stability_score = only.stability_score;
        segment.attributes = only.attributes;
        segment.mask = only.mask;
    } else {
        segment.predicted_iou /= weight;
        segment.stability_score /= weight;
        segment.attributes = mean_attributes(group);
        segment.mask = set_union(masks);
    }
    candidate.bounds = segment.mask.bounds();
    candidate.area = segment.mask.area();
    segment.touches_edge = candidate.bounds.x == scene.x || candidate.bounds.y == scene.y ||
                           candidate.bounds.right() == scene.right() ||
                           candidate.bounds.bottom() == scene.bottom();
    candidate.only_tile = group.only_tile();
    candidate.tiles = std::move(group.tiles);
    return candidate;
}

// A cut mask whose twin, another mask of the same tile, went on into other tiles: an incomplete second view
// of what the larger object shows whole.
bool is_left_behind(const Group& group, const Group& larger, double duplicate_iou) {
    const int tile = group.only_tile();
    if (tile < 0 || larger.pieces.size() < 2) return false;
    const Piece& piece = *group.pieces.begin()->second.front();
    const auto same_tile = larger.pieces.find(tile);
    if (piece.complete() || same_tile == larger.pieces.end()) return false;
    return std::any_of(same_tile->second.begin(), same_tile->second.end(), [&](const Piece* twin) {
        return intersection_over_union(piece.mask, twin->mask) >= duplicate_iou;
    });
}

// Whether it is only what tiles made of something at their edges: there it ends, and by the tiles that see
// its pieces whole there are no such things.
bool is_refuted(const Group& group, const MergeOptions& options) {
    std::vector<const RunMask*> masks;
    for (const auto& [tile, pieces] : group.pieces)
        for (const Piece* piece : pieces) {
            if (std::all_of(piece->seen_by.begin(), piece->seen_by.end(),
                            [&](int other) { return group.tiles.count(other) > 0; }))
                return false;
            masks.push_back(&piece->mask);
        }
    const RunMask whole = set_union(masks);
    std::int64_t open = 0;
    for (const auto& [tile, pieces] : group.pieces)
        for (const Piece* piece : pieces) open += open_length(*piece, whole, options.edge_margin);
    return static_cast<double>(open) > options.max_open_edge * std::sqrt(static_cast<double>(whole.area()));
}

bool duplicates(const Candidate& p, const Candidate& q, double duplicate_iou) {
    if (p.only_tile >= 0 && p.only_tile == q.only_tile) return false;  // the generator kept both
    const auto smaller = static_cast<double>(std::min(p.area, q.area));
    if (smaller < duplicate_iou * static_cast<double>(std::max(p.area, q.area))) return false;
    if (intersection(p.bounds, q.bounds).empty()) return false;
    return intersection_over_union(p.segment.mask, q.segment.mask) >= duplicate_iou;
}

// Of objects that are almost the same, keeps the better one.
std::vector<Segment> without_duplicates(std::vector<Candidate> candidates, double duplicate_iou) {
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& p, const Candidate& q) {
        const double quality_p = p.segment.predicted_iou * p.segment.stability_score;
        const double quality_q = q.segment.predicted_iou * q.segment.stability_score;
        const auto key_p = std::make_tuple(-quality_p, -p.area), key_q = std::make_tuple(-quality_q, -q.area);
        return key_p != key_q ? key_p < key_q : comes_before(p.segment.mask, q.segment.mask);
    });
    std::vector<Candidate> kept;
    for (Candidate& candidate : candidates) {
        const auto same = std::find_if(kept.begin(), kept.end(), [&](const Candidate& other) {
            return duplicates(candidate, other, duplicate_iou);
        });
        if (same == kept.end())
            kept.push_back(std::move(candidate));
        else
            same->tiles.insert(candidate.tiles.begin(), candidate.tiles.end());
    }
    std::vector<Segment> segments;
    for (Candidate& candidate : kept) {
        candidate.segment.tiles = static_cast<int>(candidate.tiles.size());
        segments.push_back(std::move(candidate.segment));
    }
    return segments;
}

}  // namespace

std::vector<Segment> resolve(const Cluster& cluster, const PixelBox& scene, const MergeOptions& options) {
    std::vector<Candidate> candidates;
    std::vector<Group> groups = Resolver(cluster, options).groups();
    const auto left_behind = [&](const Group& group) {
        return std::any_of(groups.begin(), groups.end(), [&](const Group& larger) {
            return is_left_behind(group, larger, options.duplicate_iou);
        });
    };
    std::vector<bool> dropped;
    for (const Group& group : groups) dropped.push_back(is_refuted(group, options) || left_behind(group));
    for (std::size_t i = 0; i < groups.size(); ++i)
        if (!dropped[i]) candidates.push_back(candidate_from(groups[i], scene));
    return without_duplicates(std::move(candidates), options.duplicate_iou);
}

}  // namespace landseam::seam_merge
