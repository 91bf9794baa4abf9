#include "landseam/vectors/coverage.h"

#include <algorithm>
#include <limits>

namespace landseam::vectors {
namespace {

constexpr std::int64_t outside = std::numeric_limits<std::int64_t>::min();

// The ends of a row's runs from left to right, and the object before each.
class RowEnds {
public:
    explicit RowEnds(const std::vector<LabelRun>& runs) : runs_(runs) {}

    bool done() const { return place_ == 2 * runs_.size(); }
    std::int32_t x() const {
        const LabelRun& run = runs_[place_ / 2];
        return place_ % 2 == 0 ? run.x_begin : run.x_end;
    }
    std::int64_t object() const { return place_ % 2 == 0 ? outside : runs_[place_ / 2].object; }
    // Passes all ends at x, where a run may begin at the end of another one.
    void pass(std::int32_t x_here) {
        while (!done() && x() == x_here) ++place_;
    }

private:
    const std::vector<LabelRun>& runs_;
    std::size_t place_ = 0;
};

}  // namespace

void CornerIndex::add_line(std::int32_t y, const std::vector<LabelRun>& above,
                           const std::vector<LabelRun>& below) {
    if (lines_.empty()) first_ = y;
    lines_.resize(static_cast<std::size_t>(y - first_) + 1);
    Line& line = lines_.back();
    RowEnds upper(above), lower(below);
    while (!upper.done() || !lower.done()) {
        const std::int32_t x = upper.done()   ? lower.x()
                               : lower.done() ? upper.x()
                                              : std::min(upper.x(), lower.x());
        const std::int64_t upper_left = upper.object(), lower_left = lower.object();
        upper.pass(x);
        lower.pass(x);
        const std::int64_t upper_right = upper.object(), lower_right = lower.object();
        std::uint8_t edges = 0;
        if (upper_left != upper_right) edges |= up;
        if (lower_left != lower_right) edges |= down;
        if (upper_left != lower_left) edges |= left;
        if (upper_right != lower_right) edges |= right;
        const bool straight = edges == 0 || edges == (up | down) || edges == (left | right);
        if (!straight) line.push_back({x, edges});
    }
}

void CornerIndex::forget_above(std::int32_t y) {
    while (!lines_.empty() && first_ < y) {
        lines_.pop_front();
        ++first_;
    }
}

const CornerIndex::Line& CornerIndex::line(std::int32_t y) const {
    static const Line none;
    const std::int64_t place = std::int64_t{y} - first_;
    return place >= 0 && place < static_cast<std::int64_t>(lines_.size())
               ? lines_[static_cast<std::size_t>(place)]
               : none;
}

CornerIndex corners_of(const RunMask& mask) {
    return corners_of(std::vector<const RunMask*>{&mask});
}

CornerIndex corners_of(const std::vector<const RunMask*>& masks) {
    struct RowRun {
        std::int32_t y;
        LabelRun run;
    };
    std::vector<RowRun> runs;
    for (std::size_t i = 0; i < masks.size(); ++i)
        for (const Run& run : masks[i]->runs())
            runs.push_back({run.y, {run.x_begin, run.x_end, static_cast<std::int64_t>(i)}});
    if (masks.size() > 1)
        std::sort(runs.begin(), runs.end(), [](const RowRun& a, const RowRun& b) {
            return a.y != b.y ? a.y < b.y : a.run.x_begin < b.run.x_begin;
        });
    CornerIndex index;
    std::vector<LabelRun> above, below;
    std::int32_t above_y = 0;
    for (std::size_t i = 0; i < runs.size();) {
        const std::int32_t y = runs[i].y;
        below.clear();
        for (; i < runs.size() && runs[i].y == y; ++i) below.push_back(runs[i].run);
        if (!above.empty() && above_y + 1 < y) {
            index.add_line(above_y + 1, above, {});
            above.clear();
        }
        index.add_line(y, above, below);
        above.swap(below);
        above_y = y;
    }
    if (!above.empty()) index.add_line(above_y + 1, above, {});
    return index;
}

}  // namespace landseam::vectors
