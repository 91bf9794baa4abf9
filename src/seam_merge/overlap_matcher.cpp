#include "seam_merge/overlap_matcher.h"

#include "seam_merge/run_parts.h"

#include <algorithm>
#include <tuple>

namespace landseam::seam_merge {
namespace {

// A pair whose intersection over union in the overlap is at least this can be alike as a whole.
constexpr double alike = 0.5;
// A part belongs to an agreement if the other mask covers at least this share of it.
constexpr double own_share = 0.5;
// Masks in several parts that agree this well may be connected through a third tile.
constexpr double nearly_equal = 0.9;
// Parts that together hold at least this share of what a mask has in the overlap speak for the mask; less is
// a speck, and says something only where it runs through the overlap from one tile's edge to the other's.
constexpr double speaking_share = 0.5;
// What earlier agreements may already have taken of the parts of a later one.
constexpr double taken_share = 0.2;
// A mask adds nothing to another one only if their agreement holds at least this share of all its pixels.
constexpr double whole_share = 0.8;
// Scores of agreements found by widening: below every score by intersection over union, which is above 0.5.
constexpr double coverage_weight = 0.5, group_weight = 0.4, sliver_weight = 0.3;

enum Reaches : unsigned { edge_of_a = 1, edge_of_b = 2, both_edges = 3 };

PixelBox grown(const PixelBox& box, std::int64_t by) {
    return {box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by};
}

bool meet(const PixelBox& a, const PixelBox& b) {
    return !intersection(a, b).empty();
}

// The sides of `window` beyond which `other` goes on.
unsigned sides_towards(const PixelBox& window, const PixelBox& other) {
    return (other.x < window.x ? left_side : 0u) | (other.y < window.y ? top_side : 0u) |
           (other.right() > window.right() ? right_side : 0u) |
           (other.bottom() > window.bottom() ? bottom_side : 0u);
}

// The sides of `frame` that are no farther than `margin` from `box`.
unsigned sides_near(const PixelBox& frame, const PixelBox& box, std::int64_t margin) {
    return (box.x - frame.x <= margin ? left_side : 0u) | (box.y - frame.y <= margin ? top_side : 0u) |
           (frame.right() - box.right() <= margin ? right_side : 0u) |
           (frame.bottom() - box.bottom() <= margin ? bottom_side : 0u);
}

// A connected part of what a mask has in the overlap.
struct Part {
    PixelBox bounds;
    std::int64_t area = 0;
    unsigned reaches = 0;
    bool taken = false;  // by an agreement
};

// What a piece has in the overlap.
struct View {
    Piece* piece = nullptr;
    RunMask mask;
    PixelBox bounds;
    std::int64_t area = 0;
    std::vector<int> part_of_run;
    std::vector<Part> parts;
    RunMask wide;  // the parts free after the first round, widened

    std::int64_t free_area() const {
        std::int64_t sum = 0;
        for (const Part& part : parts) sum += part.taken ? 0 : part.area;
        return sum;
    }
    RunMask free_mask() const {
        std::vector<Run> runs;
        for (std::size_t i = 0; i < part_of_run.size(); ++i)
            if (!parts[part_of_run[i]].taken) runs.push_back(mask.runs()[i]);
        return RunMask::from_sorted_runs(std::move(runs));
    }
};

// Some parts of a view that another mask covers.
struct Cover {
    std::vector<int> parts;
    std::int64_t area = 0;
    std::int64_t covered = 0;
    unsigned reaches = 0;

    double share() const { return area == 0 ? 0 : static_cast<double>(covered) / static_cast<double>(area); }
    double share_of(const View& view) const {
        return static_cast<double>(area) / static_cast<double>(view.area);
    }
};

Cover cover_of(const View& view, const std::vector<std::int64_t>& covered) {
    Cover cover;
    for (std::size_t k = 0; k < view.parts.size(); ++k) {
        const Part& part = view.parts[k];
        if (part.taken || static_cast<double>(covered[k]) < own_share * static_cast<double>(part.area))
            continue;
        cover.parts.push_back(static_cast<int>(k));
        cover.area += part.area;
        cover.covered += covered[k];
        cover.reaches |= part.reaches;
    }
    return cover;
}

// The free parts of the view that `mask` covers for the most part.
Cover cover_by(const View& view, const RunMask& mask) {
    std::vector<std::int64_t> covered(view.parts.size());
    for_each_shared_run(view.mask, mask, [&](std::size_t i, std::size_t, std::int64_t pixels) {
        covered[view.part_of_run[i]] += pixels;
    });
    return cover_of(view, covered);
}

bool speaks(const Cover& a, const View& view_a, const Cover& b, const View& view_b) {
    return std::max(a.share_of(view_a), b.share_of(view_b)) >= speaking_share ||
           (a.reaches == both_edges && b.reaches == both_edges);
}

// A pair that may be one object.
struct Candidate {
    View* a = nullptr;
    View* b = nullptr;
    Cover cover_a, cover_b;
    double rank_score = 0;  // what the order of acceptance goes by
    double score = 0;       // agreement of the parts

    // Ties go to the larger masks, so that of nested ones the outer meets the outer, and then to the lower
    // ranks.
    auto order() const {
        return std::make_tuple(-rank_score, -score, -(a->piece->area + b->piece->area), a->piece->rank,
                               b->piece->rank);
    }
};

double taken_part(const View& view, const Cover& cover) {
    std::int64_t taken = 0;
    for (int k : cover.parts) taken += view.parts[k].taken ? view.parts[k].area : 0;
    return static_cast<double>(taken) / static_cast<double>(cover.area);
}

void take(View& view, const std::vector<int>& parts) {
    for (int k : parts) view.parts[k].taken = true;
}

class Matcher {
public:
    Matcher(const PixelBox& window_a, const PixelBox& window_b, const MergeOptions& options)
        : window_a_(window_a),
          window_b_(window_b),
          overlap_(intersection(window_a, window_b)),
          options_(options) {}

    std::vector<Relation> match(const std::vector<Piece*>& a, const std::vector<Piece*>& b) {
        views_a_ = views_of(a);
        views_b_ = views_of(b);
        match_by_overlap();
        widen_free_parts();
        match_by_coverage();
        match_groups();
        absorb_slivers(views_a_, window_a_, b, window_b_);
        absorb_slivers(views_b_, window_b_, a, window_a_);
        return std::move(relations_);
    }

private:
    std::vector<View> views_of(const std::vector<Piece*>& pieces) const;
    bool plausible(const Piece& a, const Piece& b, bool on_any_side = false) const;
    void match_by_overlap();
    void widen_free_parts();
    void match_by_coverage();
    void match_groups();
    void match_group(View& whole, std::vector<View>& others);
    void absorb_slivers(std::vector<View>& slivers, const PixelBox& window, const std::vector<Piece*>& others,
                        const PixelBox& other_window);
    void accept(std::vector<Candidate>& candidates);
    void relate(const View& a, std::int64_t agreed_a, const View& b, std::int64_t agreed_b, double score);

    const PixelBox window_a_, window_b_, overlap_;
    const MergeOptions& options_;
    std::vector<View> views_a_, views_b_;
    std::vector<Relation> relations_;
};

std::vector<View> Matcher::views_of(const std::vector<Piece*>& pieces) const {
    const unsigned edges_a = sides_towards(window_a_, window_b_),
                   edges_b = sides_towards(window_b_, window_a_);
    std::vector<View> views;
    for (Piece* piece : pieces) {
        if (!meet(piece->bounds, overlap_)) continue;
        View view;
        view.piece = piece;
        view.mask = piece->mask.clipped(overlap_);
        if (view.mask.empty()) continue;
        Parts parts = connected_parts(view.mask);
        view.parts.resize(parts.count);
        view.part_of_run = std::move(parts.of_run);
        for (std::size_t i = 0; i < view.part_of_run.size(); ++i) {
            const Run& run = view.mask.runs()[i];
            Part& part = view.parts[view.part_of_run[i]];
            part.area += run.x_end - run.x_begin;
            part.bounds = bounding(part.bounds, {run.x_begin, run.y, run.x_end - run.x_begin, 1});
        }
        for (Part& part : view.parts) {
            const unsigned near = sides_near(overlap_, part.bounds, options_.edge_margin);
            part.reaches = (near & edges_a ? edge_of_a : 0u) | (near & edges_b ? edge_of_b : 0u);
            view.area += part.area;
            view.bounds = bounding(view.bounds, part.bounds);
        }
        views.push_back(std::move(view));
    }
    return views;
}

// A mask that goes on beyond the other tile contradicts one that this tile shows complete on that side. With
// `on_any_side` it is enough that the other one is cut anywhere.
bool Matcher::plausible(const Piece& a, const Piece& b, bool on_any_side) const {
    const bool a_goes_on = !grown(window_b_, options_.edge_margin).contains(a.bounds);
    const bool b_goes_on = !grown(window_a_, options_.edge_margin).contains(b.bounds);
    const unsigned a_sides = on_any_side ? all_sides : sides_towards(window_a_, window_b_);
    const unsigned b_sides = on_any_side ? all_sides : sides_towards(window_b_, window_a_);
    return !(a_goes_on && !(b.cut_sides & b_sides)) && !(b_goes_on && !(a.cut_sides & a_sides));
}

// A complete mask is never joined to anything: what agrees with it is its duplicate or its fragment, or has
// nothing to do with it. Two cut ones are one object, and one of them is a fragment if the other's tile sees
// all of it.
void Matcher::relate(const View& a, std::int64_t agreed_a, const View& b, std::int64_t agreed_b,
                     double score) {
    const double share_a = static_cast<double>(agreed_a) / static_cast<double>(a.piece->area);
    const double share_b = static_cast<double>(agreed_b) / static_cast<double>(b.piece->area);
    const bool all_of_a = share_a >= whole_share && window_b_.contains(a.piece->bounds);
    const bool all_of_b = share_b >= whole_share && window_a_.contains(b.piece->bounds);
    Relation relation{a.piece, b.piece, score, all_of_a, all_of_b, true};
    if (a.piece->complete() || b.piece->complete()) {
        const bool both = a.piece->complete() && b.piece->complete();
        relation.a_fragment = both ? all_of_a && all_of_b : b.piece->complete() && share_a >= speaking_share;
        relation.b_fragment = both ? all_of_a && all_of_b : a.piece->complete() && share_b >= speaking_share;
        relation.same_object = false;
    }
    relations_.push_back(relation);
}

// Takes the candidates one after the other, the best first, giving each part to one partner only.
void Matcher::accept(std::vector<Candidate>& candidates) {
    std::sort(candidates.begin(), candidates.end(),
              [](const Candidate& p, const Candidate& q) { return p.order() < q.order(); });
    for (Candidate& candidate : candidates) {
        if (taken_part(*candidate.a, candidate.cover_a) > taken_share ||
            taken_part(*candidate.b, candidate.cover_b) > taken_share)
            continue;
        take(*candidate.a, candidate.cover_a.parts);
        take(*candidate.b, candidate.cover_b.parts);
        relate(*candidate.a, candidate.cover_a.area, *candidate.b, candidate.cover_b.area, candidate.score);
    }
}

void Matcher::match_by_overlap() {
    std::vector<Candidate> candidates;
    std::vector<std::tuple<int, int, std::int64_t>> shared;
    std::vector<std::int64_t> covered_a, covered_b;
    for (View& a : views_a_)
        for (View& b : views_b_) {
            if (!meet(a.bounds, b.bounds)) continue;
            shared.clear();
            covered_a.assign(a.parts.size(), 0);
            covered_b.assign(b.parts.size(), 0);
            std::int64_t common = 0;
            for_each_shared_run(a.mask, b.mask, [&](std::size_t i, std::size_t j, std::int64_t pixels) {
                const int part_a = a.part_of_run[i], part_b = b.part_of_run[j];
                covered_a[part_a] += pixels;
                covered_b[part_b] += pixels;
                common += pixels;
                shared.emplace_back(part_a, part_b, pixels);
            });
            if (common == 0) continue;
            Candidate candidate{&a, &b, cover_of(a, covered_a), cover_of(b, covered_b)};
            const Cover &cover_a = candidate.cover_a, &cover_b = candidate.cover_b;
            candidate.rank_score =
                static_cast<double>(common) / static_cast<double>(a.area + b.area - common);
            if (candidate.rank_score >= alike)
                relations_.push_back({a.piece, b.piece, 0, false, false, false});
            if (cover_a.parts.empty() || cover_b.parts.empty() || !speaks(cover_a, a, cover_b, b)) continue;
            std::int64_t agreed = 0;
            for (const auto& [part_a, part_b, pixels] : shared)
                if (std::binary_search(cover_a.parts.begin(), cover_a.parts.end(), part_a) &&
                    std::binary_search(cover_b.parts.begin(), cover_b.parts.end(), part_b))
                    agreed += pixels;
            candidate.score =
                static_cast<double>(agreed) / static_cast<double>(cover_a.area + cover_b.area - agreed);
            const bool connected_elsewhere =
                candidate.rank_score >= nearly_equal && !(a.piece->connected && b.piece->connected);
            if (candidate.score >= options_.min_agreement &&
                plausible(*a.piece, *b.piece, connected_elsewhere))
                candidates.push_back(std::move(candidate));
        }
    accept(candidates);
}

void Matcher::widen_free_parts() {
    for (std::vector<View>* views : {&views_a_, &views_b_})
        for (View& view : *views)
            if (view.free_area() > 0) view.wide = widened(view.free_mask(), options_.tolerance);
}

// Second round, for what is too thin for intersection over union: each side widened must cover the other.
void Matcher::match_by_coverage() {
    std::vector<Candidate> candidates;
    for (View& a : views_a_) {
        if (a.wide.empty()) continue;
        for (View& b : views_b_) {
            if (b.wide.empty() || !meet(grown(a.bounds, options_.tolerance), b.bounds) ||
                !plausible(*a.piece, *b.piece))
                continue;
            Candidate candidate{&a, &b, cover_by(a, b.wide), cover_by(b, a.wide)};
            const Cover &cover_a = candidate.cover_a, &cover_b = candidate.cover_b;
            const double coverage = std::min(cover_a.share(), cover_b.share());
            if (coverage < options_.min_coverage || !speaks(cover_a, a, cover_b, b)) continue;
            candidate.rank_score = coverage;
            candidate.score = coverage * coverage_weight;
            candidates.push_back(std::move(candidate));
        }
    }
    accept(candidates);
}

// Third round: one mask here, several there, that the overlap does not show as separate parts.
void Matcher::match_groups() {
    std::vector<std::pair<View*, std::vector<View>*>> wholes;
    for (View& view : views_a_) wholes.emplace_back(&view, &views_b_);
    for (View& view : views_b_) wholes.emplace_back(&view, &views_a_);
    std::sort(wholes.begin(), wholes.end(), [](const auto& p, const auto& q) {
        return std::make_tuple(-p.first->area, p.first->piece->key()) <
               std::make_tuple(-q.first->area, q.first->piece->key());
    });
    for (auto& [whole, others] : wholes) match_group(*whole, *others);
}

void Matcher::match_group(View& whole, std::vector<View>& others) {
    const std::int64_t free_area = whole.free_area();
    if (static_cast<double>(free_area) < speaking_share * static_cast<double>(whole.area)) return;
    const bool whole_is_a = &others == &views_b_;
    std::vector<View*> members;
    for (View& other : others)
        if (!other.piece->complete() && other.free_area() == other.area &&
            meet(grown(whole.bounds, options_.tolerance), other.bounds) &&
            plausible(whole_is_a ? *whole.piece : *other.piece, whole_is_a ? *other.piece : *whole.piece) &&
            static_cast<double>(intersection_area(other.mask, whole.wide)) >=
                options_.min_coverage * static_cast<double>(other.area))
            members.push_back(&other);
    if (members.size() < 2) return;
    std::sort(members.begin(), members.end(), [](const View* p, const View* q) {
        return std::make_tuple(-p->area, p->piece->rank) < std::make_tuple(-q->area, q->piece->rank);
    });
    std::vector<View*> chosen;
    RunMask together;
    for (View* member : members) {
        if (static_cast<double>(intersection_area(member->mask, together)) >
            taken_share * static_cast<double>(member->area))
            continue;
        chosen.push_back(member);
        together = set_union(together, member->mask);
    }
    const Cover cover = cover_by(whole, widened(together, options_.tolerance));
    const double coverage = static_cast<double>(cover.covered) / static_cast<double>(free_area);
    if (chosen.size() < 2 || coverage < options_.min_coverage) return;
    take(whole, cover.parts);
    for (View* member : chosen) {
        for (Part& part : member->parts) part.taken = true;
        if (whole_is_a)
            relate(whole, cover.area, *member, member->area, coverage * group_weight);
        else
            relate(*member, member->area, whole, cover.area, coverage * group_weight);
    }
}

// A thin strip at a tile's edge is what this tile sees of an object that lies beyond it. The other tile sees
// the place from farther inside; where one of its masks is at hand, the strip is a fragment of that.
void Matcher::absorb_slivers(std::vector<View>& slivers, const PixelBox& window,
                             const std::vector<Piece*>& others, const PixelBox& other_window) {
    const unsigned sides = sides_towards(window, other_window);
    const std::int64_t thickness = reach(options_);
    for (View& sliver : slivers) {
        Piece& piece = *sliver.piece;
        const PixelBox& box = piece.bounds;
        const bool thin = (sides & left_side && box.right() - window.x <= thickness) ||
                          (sides & top_side && box.bottom() - window.y <= thickness) ||
                          (sides & right_side && window.right() - box.x <= thickness) ||
                          (sides & bottom_side && window.bottom() - box.y <= thickness);
        if (!thin || piece.complete() || sliver.free_area() < sliver.area) continue;
        const PixelBox near = grown(box, options_.tolerance);
        Piece* best = nullptr;
        std::int64_t most = 0;
        for (Piece* other : others) {
            if (!meet(near, other->bounds)) continue;
            const std::int64_t covered =
                intersection_area(piece.mask, widened(other->mask.clipped(near), options_.tolerance));
            if (covered > most) std::tie(best, most) = std::make_tuple(other, covered);
        }
        const double coverage = static_cast<double>(most) / static_cast<double>(piece.area);
        if (best && coverage >= options_.min_coverage)
            relations_.push_back({&piece, best, coverage * sliver_weight, true, false, false});
    }
}

}  // namespace

std::vector<Relation> match_overlap(const std::vector<Piece*>& a, const PixelBox& window_a,
                                    const std::vector<Piece*>& b, const PixelBox& window_b,
                                    const MergeOptions& options) {
    return Matcher(window_a, window_b, options).match(a, b);
}

}  // namespace landseam::seam_merge
