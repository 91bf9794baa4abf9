#include "landseam/segments/overlaps.h"

#include "segments/mask_rows.h"

#include <algorithm>
#include <limits>
#include <map>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace landseam::segments {
namespace {

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

// Cuts a row at every end of a run and tells of each piece which runs lie over it.
class RowSweep {
public:
    explicit RowSweep(const std::vector<std::size_t>& ranks) : ranks_(ranks) {}

    // Calls use(x_begin, x_end, owner) with the best owner of each piece.
    template <typename Use>
    void best_of(const std::vector<OwnedRun>& runs, const Use& use) {
        // The best first; runs that have ended are dropped when they come up.
        using Entry = std::pair<std::size_t, std::size_t>;  // rank, place in `runs`
        std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> open;
        std::size_t next = 0;
        std::int32_t x = std::numeric_limits<std::int32_t>::min();
        while (next < runs.size() || !open.empty()) {
            while (!open.empty() && runs[open.top().second].x_end <= x) open.pop();
            if (open.empty()) {
                if (next == runs.size()) break;
                x = std::max(x, runs[next].x_begin);
            }
            for (; next < runs.size() && runs[next].x_begin <= x; ++next)
                if (ranks_[runs[next].owner] != nobody) open.push({ranks_[runs[next].owner], next});
            if (open.empty()) continue;
            const OwnedRun& best = runs[open.top().second];
            std::int32_t end = best.x_end;
            if (end <= x) continue;
            // A better one may begin before this one ends.
            for (; next < runs.size() && runs[next].x_begin < end; ++next) {
                const std::size_t rank = ranks_[runs[next].owner];
                if (rank == nobody) continue;
                if (rank < open.top().first) {
                    end = runs[next].x_begin;
                    break;
                }
                open.push({rank, next});
            }
            use(x, end, best.owner);
            x = end;
        }
    }

private:
    const std::vector<std::size_t>& ranks_;
};

std::vector<RunMask> to_masks(std::vector<std::vector<Run>> runs) {
    std::vector<RunMask> masks;
    masks.reserve(runs.size());
    for (std::vector<Run>& of_one : runs) masks.push_back(RunMask::from_runs(std::move(of_one)));
    return masks;
}

// The pixels of slits, each with the width of the narrowest one.
class Slits {
public:
    void add(std::int32_t y, std::int32_t x_begin, std::int32_t x_end, std::size_t owner, int width,
             int direction) {
        for (std::int32_t x = x_begin; x < x_end; ++x) {
            const Claim claim{width, direction, owner};
            const auto [place, is_new] = claims_.try_emplace({y, x}, claim);
            if (!is_new && claim < place->second) place->second = claim;
        }
    }
    std::vector<RunMask> by_owner(std::size_t count) const {
        std::vector<std::vector<Run>> runs(count);
        for (const auto& [place, claim] : claims_) {
            std::vector<Run>& own = runs[claim.owner];
            const auto [y, x] = place;
            if (!own.empty() && own.back().y == y && own.back().x_end == x)
                ++own.back().x_end;
            else
                own.push_back({y, x, x + 1});
        }
        return to_masks(std::move(runs));
    }

private:
    struct Claim {
        int width, direction;
        std::size_t owner;
        bool operator<(const Claim& other) const {
            return std::tie(width, direction) < std::tie(other.width, other.direction);
        }
    };
    std::map<std::pair<std::int32_t, std::int32_t>, Claim> claims_;
};

// Pairs of masks by the pixels that they share.
std::unordered_map<std::uint64_t, std::int64_t> count_shared(const std::vector<const RunMask*>& masks) {
    std::unordered_map<std::uint64_t, std::int64_t> shared;
    std::vector<OwnedRun> open;
    for_each_row(masks, [&](std::int32_t, const std::vector<OwnedRun>& runs) {
        open.clear();
        for (const OwnedRun& run : runs) {
            open.erase(std::remove_if(open.begin(), open.end(),
                                      [&](const OwnedRun& other) { return other.x_end <= run.x_begin; }),
                       open.end());
            for (const OwnedRun& other : open) {
                const auto [low, high] = std::minmax(run.owner, other.owner);
                shared[(static_cast<std::uint64_t>(low) << 32) | high] +=
                    std::min(run.x_end, other.x_end) - run.x_begin;
            }
            open.push_back(run);
        }
    });
    return shared;
}

}  // namespace

std::vector<RunMask> flatten(const std::vector<const RunMask*>& masks,
                             const std::vector<std::size_t>& order) {
    std::vector<std::size_t> ranks(masks.size(), nobody);
    for (std::size_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank;
    std::vector<std::vector<Run>> runs(masks.size());
    RowSweep sweep(ranks);
    for_each_row(masks, [&](std::int32_t y, const std::vector<OwnedRun>& row) {
        sweep.best_of(row, [&](std::int32_t x_begin, std::int32_t x_end, std::size_t owner) {
            runs[owner].push_back({y, x_begin, x_end});
        });
    });
    return to_masks(std::move(runs));
}

std::vector<RunMask> find_slits(const std::vector<const RunMask*>& masks, int width) {
    Slits slits;
    if (width < 1) return slits.by_owner(masks.size());
    std::int32_t x0 = std::numeric_limits<std::int32_t>::max(), x1 = std::numeric_limits<std::int32_t>::min();
    for (const RunMask* mask : masks)
        for (const Run& run : mask->runs()) x0 = std::min(x0, run.x_begin), x1 = std::max(x1, run.x_end);
    if (x0 > x1) return slits.by_owner(masks.size());
    struct Above {
        std::int32_t y = std::numeric_limits<std::int32_t>::min() / 2;
        std::size_t owner = nobody;
    };
    std::vector<Above> above(static_cast<std::size_t>(x1 - x0));  // of each column the last pixel of a mask
    for_each_row(masks, [&](std::int32_t y, const std::vector<OwnedRun>& row) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const OwnedRun& run = row[i];
            if (i > 0 && row[i - 1].owner != run.owner) {
                const std::int32_t begin = row[i - 1].x_end, gap = run.x_begin - begin;
                if (gap > 0 && gap <= width) {
                    const std::int32_t middle = begin + (gap + 1) / 2;
                    slits.add(y, begin, middle, row[i - 1].owner, gap, 0);
                    slits.add(y, middle, run.x_begin, run.owner, gap, 0);
                }
            }
            for (std::int32_t x = run.x_begin; x < run.x_end; ++x) {
                Above& last = above[static_cast<std::size_t>(x - x0)];
                const std::int32_t gap = y - last.y - 1;
                if (gap > 0 && gap <= width && last.owner != run.owner)
                    for (std::int32_t k = 1; k <= gap; ++k)
                        slits.add(last.y + k, x, x + 1, k <= (gap + 1) / 2 ? last.owner : run.owner, gap, 1);
                last = {y, run.owner};
            }
        }
    });
    return slits.by_owner(masks.size());
}

std::vector<SharedPixels> shared_pixels(const std::vector<const RunMask*>& masks) {
    std::vector<SharedPixels> pairs;
    for (const auto& [pair, shared] : count_shared(masks))
        pairs.push_back({static_cast<std::size_t>(pair >> 32), static_cast<std::size_t>(pair & 0xffffffff), shared});
    std::sort(pairs.begin(), pairs.end(), [](const SharedPixels& a, const SharedPixels& b) {
        return std::tie(a.first, a.second) < std::tie(b.first, b.second);
    });
    return pairs;
}

std::vector<TreePlace> find_parts(const std::vector<const RunMask*>& masks, double share) {
    std::vector<std::int64_t> areas;
    for (const RunMask* mask : masks) areas.push_back(mask->area());
    std::vector<TreePlace> places(masks.size());
    const auto consider = [&](std::size_t part, std::size_t whole, std::int64_t shared) {
        if (static_cast<double>(shared) < share * static_cast<double>(areas[part])) return;
        TreePlace& place = places[part];
        const auto rank = [&](std::size_t i) { return std::make_pair(areas[i], i); };
        if (place.parent < 0 || rank(whole) < rank(static_cast<std::size_t>(place.parent)))
            place.parent = static_cast<std::int64_t>(whole);
    };
    for (const auto& [pair, shared] : count_shared(masks)) {
        const auto a = static_cast<std::size_t>(pair >> 32), b = static_cast<std::size_t>(pair & 0xffffffff);
        // Of two of one size the first is the whole.
        areas[a] >= areas[b] ? consider(b, a, shared) : consider(a, b, shared);
    }
    // A whole is larger than its parts, or as large and comes first.
    std::vector<std::size_t> order(masks.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return areas[a] > areas[b]; });
    for (const std::size_t i : order)
        if (places[i].parent >= 0)
            places[i].depth = places[static_cast<std::size_t>(places[i].parent)].depth + 1;
    return places;
}

std::vector<RunMask> flatten_tree(const std::vector<const RunMask*>& masks,
                                  const std::vector<TreePlace>& places,
                                  const std::vector<std::size_t>& order) {
    // Level by level, all families of a level at once: clipped to different parents of one level, they are
    // apart.
    int deepest = 0;
    for (const TreePlace& place : places) deepest = std::max(deepest, place.depth);
    std::vector<RunMask> result(masks.size());
    for (int depth = 0; depth <= deepest; ++depth) {
        std::vector<RunMask> clipped(masks.size());
        std::vector<const RunMask*> level(masks.size());
        std::vector<std::size_t> members;
        for (std::size_t i = 0; i < masks.size(); ++i) {
            level[i] = &clipped[i];
            if (places[i].depth != depth) continue;
            clipped[i] =
                depth == 0 ? *masks[i]
                           : set_intersection(*masks[i], result[static_cast<std::size_t>(places[i].parent)]);
        }
        for (const std::size_t i : order)
            if (places[i].depth == depth) members.push_back(i);
        std::vector<RunMask> flat = flatten(level, members);
        for (const std::size_t i : members) result[i] = std::move(flat[i]);
    }
    return result;
}

}  // namespace landseam::segments
