#include "landseam/core/run_mask.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>

#include "landseam/core/error.h"

namespace landseam {
namespace {

bool before(const Run& a, const Run& b) { return a.y != b.y ? a.y < b.y : a.x_begin < b.x_begin; }

// Appends a run that comes no earlier than those before it, joining it to the last where they touch.
void append(std::vector<Run>& runs, const Run& run) {
    if (run.x_end <= run.x_begin) return;
    if (!runs.empty() && runs.back().y == run.y && runs.back().x_end >= run.x_begin)
        runs.back().x_end = std::max(runs.back().x_end, run.x_end);
    else
        runs.push_back(run);
}

// Calls emit(run) for each piece of row that is in both masks.
template <typename Emit>
void for_each_common(const RunMask& a, const RunMask& b, Emit emit) {
    auto i = a.runs().begin(), j = b.runs().begin();
    while (i != a.runs().end() && j != b.runs().end()) {
        if (i->y != j->y) {
            i->y < j->y ? ++i : ++j;
            continue;
        }
        const Run common{i->y, std::max(i->x_begin, j->x_begin), std::min(i->x_end, j->x_end)};
        if (common.x_begin < common.x_end) emit(common);
        i->x_end < j->x_end ? ++i : ++j;
    }
}

using RunIterator = std::vector<Run>::const_iterator;

// Calls change(x_begin, x_end, begins) for the stretches where only one of two rows is set; `begins` tells that it is
// the second one.
template <typename Change>
void for_each_change(RunIterator a, RunIterator a_end, RunIterator b, RunIterator b_end, Change change) {
    constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();
    std::int32_t from = 0;
    bool in_a = false, in_b = false;
    while (a != a_end || b != b_end) {
        const std::int32_t next_a = a == a_end ? never : in_a ? a->x_end : a->x_begin;
        const std::int32_t next_b = b == b_end ? never : in_b ? b->x_end : b->x_begin;
        const std::int32_t x = std::min(next_a, next_b);
        if (in_a != in_b && from < x) change(from, x, in_b);
        if (a != a_end && next_a == x) {
            if (in_a) ++a;
            in_a = !in_a;
        }
        if (b != b_end && next_b == x) {
            if (in_b) ++b;
            in_b = !in_b;
        }
        from = x;
    }
}

// Calls change(y, x_begin, x_end, begins) for what changes from row y − 1 to row y, rows ascending.
template <typename Change>
void for_each_change_by_row(const std::vector<Run>& runs, Change change) {
    auto above = runs.begin(), above_end = above, row = above;
    std::int64_t y = 0;
    while (above != above_end || row != runs.end()) {
        if (above == above_end) y = row->y;  // nothing is open: on to the next row that has something
        auto row_end = row;
        while (row_end != runs.end() && row_end->y == y) ++row_end;
        for_each_change(above, above_end, row, row_end, [&](std::int32_t x, std::int32_t x_end, bool begins) {
            change(static_cast<std::int32_t>(y), x, x_end, begins);
        });
        above = row;
        above_end = row = row_end;
        ++y;
    }
}

// Rows and columns exchanged; the cost follows the outline. Throws Error if that makes more than `most` runs.
std::vector<Run> transposed(const std::vector<Run>& runs, std::size_t most = std::numeric_limits<std::size_t>::max()) {
    if (runs.empty()) return {};
    std::int32_t low = runs.front().x_begin, high = runs.front().x_end;
    for (const Run& run : runs) {
        low = std::min(low, run.x_begin);
        high = std::max(high, run.x_end);
    }
    std::size_t total = 0;
    for_each_change_by_row(runs, [&](std::int32_t, std::int32_t x, std::int32_t x_end, bool begins) {
        if (begins) total += static_cast<std::size_t>(x_end - x);
    });
    if (total > most)
        throw Error("", "a run-length mask is made of " + std::to_string(total) + " runs, more than " +
                            std::to_string(most));
    const auto across = static_cast<std::size_t>(high - low);
    std::vector<std::int32_t> begun(across);     // where the open run of each column began
    std::vector<std::size_t> place(across + 1);  // how many runs a column has, then where its next one goes
    std::vector<Run> ended;
    ended.reserve(total);
    for_each_change_by_row(runs, [&](std::int32_t y, std::int32_t x, std::int32_t x_end, bool begins) {
        for (; x < x_end; ++x) {
            const auto column = static_cast<std::size_t>(x - low);
            if (begins) {
                begun[column] = y;
            } else {
                ended.push_back({x, begun[column], y});
                ++place[column + 1];
            }
        }
    });
    for (std::size_t i = 1; i <= across; ++i) place[i] += place[i - 1];
    std::vector<Run> result(ended.size());
    for (const Run& run : ended) result[place[static_cast<std::size_t>(run.y - low)]++] = run;
    return result;
}

bool well_formed(const std::vector<Run>& runs) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (runs[i].x_begin >= runs[i].x_end) return false;
        if (i == 0) continue;
        const bool apart = runs[i - 1].y < runs[i].y ||
                           (runs[i - 1].y == runs[i].y && runs[i - 1].x_end < runs[i].x_begin);
        if (!apart) return false;
    }
    return true;
}

}  // namespace

RunMask RunMask::from_runs(std::vector<Run> runs) {
    std::sort(runs.begin(), runs.end(), before);
    RunMask mask;
    mask.runs_.reserve(runs.size());
    for (const Run& run : runs) append(mask.runs_, run);
    return mask;
}

RunMask RunMask::from_sorted_runs(std::vector<Run> runs) {
    assert(well_formed(runs));
    RunMask mask;
    mask.runs_ = std::move(runs);
    return mask;
}

RunMask RunMask::from_image(const ImageU8& image) {
    RunMask mask;
    for (int y = 0; y < image.height; ++y) {
        const std::uint8_t* row = image.row(y);
        for (int x = 0; x < image.width;) {
            if (!row[x]) {
                ++x;
                continue;
            }
            const int begin = x;
            while (x < image.width && row[x]) ++x;
            mask.runs_.push_back({y, begin, x});
        }
    }
    return mask;
}

RunMask RunMask::from_box(const PixelBox& box) {
    RunMask mask;
    if (box.empty()) return mask;
    for (std::int64_t y = box.y; y < box.bottom(); ++y)
        mask.runs_.push_back({static_cast<std::int32_t>(y), static_cast<std::int32_t>(box.x),
                              static_cast<std::int32_t>(box.right())});
    return mask;
}

RunMask RunMask::from_coco(const CocoRle& rle, std::size_t most_runs) {
    std::uint64_t total = 0;
    for (std::uint32_t count : rle.counts) total += count;
    if (rle.height < 0 || rle.width < 0 || total != static_cast<std::uint64_t>(rle.height) * rle.width)
        throw Error("", "a run-length mask of " + std::to_string(rle.height) + " by " + std::to_string(rle.width) +
                            " pixels has counts that add up to " + std::to_string(total));
    // COCO's columns as rows; a run of ones may go on over several of them.
    std::vector<Run> columns;
    std::uint64_t position = 0;
    for (std::size_t i = 0; i < rle.counts.size(); ++i) {
        const std::uint64_t end = position + rle.counts[i];
        if (i % 2 == 1)
            for (std::uint64_t p = position; p < end;) {
                const std::uint64_t column = p / rle.height, column_end = (column + 1) * rle.height;
                const std::uint64_t part_end = std::min(end, column_end);
                append(columns, {static_cast<std::int32_t>(column), static_cast<std::int32_t>(p % rle.height),
                                 static_cast<std::int32_t>(part_end - column * rle.height)});
                p = part_end;
            }
        position = end;
    }
    RunMask mask;
    mask.runs_ = transposed(columns, most_runs);
    return mask;
}

std::int64_t RunMask::area() const {
    std::int64_t sum = 0;
    for (const Run& run : runs_) sum += run.x_end - run.x_begin;
    return sum;
}

PixelBox RunMask::bounds() const {
    if (runs_.empty()) return {};
    std::int64_t x0 = runs_.front().x_begin, x1 = runs_.front().x_end;
    for (const Run& run : runs_) {
        x0 = std::min<std::int64_t>(x0, run.x_begin);
        x1 = std::max<std::int64_t>(x1, run.x_end);
    }
    const std::int64_t y0 = runs_.front().y;
    return {x0, y0, x1 - x0, runs_.back().y - y0 + 1};
}

bool RunMask::contains(std::int64_t x, std::int64_t y) const {
    auto after = std::upper_bound(runs_.begin(), runs_.end(), std::make_pair(y, x), [](const auto& p, const Run& run) {
        return p.first != run.y ? p.first < run.y : p.second < run.x_begin;
    });
    if (after == runs_.begin()) return false;
    const Run& run = *(after - 1);
    return run.y == y && x >= run.x_begin && x < run.x_end;
}

RunMask RunMask::shifted(std::int64_t dx, std::int64_t dy) const {
    RunMask mask = *this;
    for (Run& run : mask.runs_) {
        run.y += static_cast<std::int32_t>(dy);
        run.x_begin += static_cast<std::int32_t>(dx);
        run.x_end += static_cast<std::int32_t>(dx);
    }
    return mask;
}

RunMask RunMask::clipped(const PixelBox& box) const {
    RunMask mask;
    const auto above = [](const Run& run, std::int64_t y) { return run.y < y; };
    const auto first = std::lower_bound(runs_.begin(), runs_.end(), box.y, above);
    for (auto it = first; it != runs_.end() && it->y < box.bottom(); ++it) {
        const Run& run = *it;
        const Run part{run.y, static_cast<std::int32_t>(std::max<std::int64_t>(run.x_begin, box.x)),
                       static_cast<std::int32_t>(std::min<std::int64_t>(run.x_end, box.right()))};
        if (part.x_begin < part.x_end) mask.runs_.push_back(part);
    }
    return mask;
}

ImageU8 RunMask::to_image(const PixelBox& frame) const {
    ImageU8 image(static_cast<int>(frame.width), static_cast<int>(frame.height));
    const RunMask inside = clipped(frame);
    for (const Run& run : inside.runs_) {
        std::uint8_t* row = image.row(static_cast<int>(run.y - frame.y));
        std::fill(row + (run.x_begin - frame.x), row + (run.x_end - frame.x), std::uint8_t{1});
    }
    return image;
}

CocoRle RunMask::to_coco(int width, int height) const {
    if (!empty() && !PixelBox{0, 0, width, height}.contains(bounds()))
        throw Error("", "a mask reaches beyond its frame of " + std::to_string(width) + " by " + std::to_string(height) +
                            " pixels");
    CocoRle rle{height, width, {}};
    std::int64_t position = 0;  // where the last run of ones ended
    for (const Run& column : transposed(runs_)) {
        const std::int64_t start = std::int64_t{column.y} * height;
        if (start + column.x_begin == position && rle.counts.size() > 1)
            rle.counts.back() += static_cast<std::uint32_t>(column.x_end - column.x_begin);  // from the column before
        else {
            rle.counts.push_back(static_cast<std::uint32_t>(start + column.x_begin - position));
            rle.counts.push_back(static_cast<std::uint32_t>(column.x_end - column.x_begin));
        }
        position = start + column.x_end;
    }
    const std::int64_t rest = std::int64_t{width} * height - position;
    if (rest > 0 || rle.counts.empty()) rle.counts.push_back(static_cast<std::uint32_t>(rest));
    return rle;
}

RunMask set_union(const RunMask& a, const RunMask& b) { return set_union({&a, &b}); }

RunMask set_union(const std::vector<const RunMask*>& masks) {
    std::vector<Run> runs;
    std::size_t count = 0;
    for (const RunMask* mask : masks) count += mask->runs().size();
    runs.reserve(count);
    for (const RunMask* mask : masks) runs.insert(runs.end(), mask->runs().begin(), mask->runs().end());
    return RunMask::from_runs(std::move(runs));
}

RunMask set_intersection(const RunMask& a, const RunMask& b) {
    std::vector<Run> runs;
    for_each_common(a, b, [&](const Run& run) { runs.push_back(run); });
    return RunMask::from_sorted_runs(std::move(runs));
}

RunMask set_difference(const RunMask& a, const RunMask& b) {
    std::vector<Run> runs;
    auto j = b.runs().begin();
    for (Run rest : a.runs()) {
        while (j != b.runs().end() && (j->y < rest.y || (j->y == rest.y && j->x_end <= rest.x_begin))) ++j;
        for (auto k = j; k != b.runs().end() && k->y == rest.y && k->x_begin < rest.x_end; ++k) {
            if (rest.x_begin < k->x_begin) runs.push_back({rest.y, rest.x_begin, k->x_begin});
            rest.x_begin = std::max(rest.x_begin, k->x_end);
        }
        if (rest.x_begin < rest.x_end) runs.push_back(rest);
    }
    return RunMask::from_sorted_runs(std::move(runs));
}

std::int64_t intersection_area(const RunMask& a, const RunMask& b) {
    std::int64_t sum = 0;
    for_each_common(a, b, [&](const Run& run) { sum += run.x_end - run.x_begin; });
    return sum;
}

double intersection_over_union(const RunMask& a, const RunMask& b) {
    const std::int64_t common = intersection_area(a, b), all = a.area() + b.area() - common;
    return all == 0 ? 0 : static_cast<double>(common) / static_cast<double>(all);
}

}  // namespace landseam
