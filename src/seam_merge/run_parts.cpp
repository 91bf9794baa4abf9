#include "seam_merge/run_parts.h"

#include <limits>
#include <numeric>
#include <tuple>

namespace landseam::seam_merge {
namespace {

int root_of(std::vector<int>& parent, int i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
}

}  // namespace

Parts connected_parts(const RunMask& mask) {
    const std::vector<Run>& runs = mask.runs();
    std::vector<int> parent(runs.size());
    std::iota(parent.begin(), parent.end(), 0);
    std::size_t above = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        while (above < i && (runs[above].y < runs[i].y - 1 ||
                             (runs[above].y == runs[i].y - 1 && runs[above].x_end <= runs[i].x_begin)))
            ++above;
        for (std::size_t k = above; k < i && runs[k].y == runs[i].y - 1 && runs[k].x_begin < runs[i].x_end;
             ++k) {
            const int a = root_of(parent, static_cast<int>(k)), b = root_of(parent, static_cast<int>(i));
            parent[std::max(a, b)] = std::min(a, b);
        }
    }
    Parts parts;
    parts.of_run.resize(runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const int root = root_of(parent, static_cast<int>(i));
        parts.of_run[i] = root == static_cast<int>(i) ? parts.count++ : parts.of_run[root];
    }
    return parts;
}

RunMask widened(const RunMask& mask, int radius) {
    std::vector<Run> runs;
    runs.reserve(mask.runs().size() * (2 * radius + 1));
    constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    for (const Run& run : mask.runs()) {
        const auto x_end = static_cast<std::int32_t>(std::min(limit, std::int64_t{run.x_end} + radius));
        const auto y_end = static_cast<std::int32_t>(std::min(limit, std::int64_t{run.y} + radius + 1));
        for (std::int32_t y = run.y - radius; y < y_end; ++y)
            runs.push_back({y, run.x_begin - radius, x_end});
    }
    return RunMask::from_runs(std::move(runs));
}

bool comes_before(const RunMask& a, const RunMask& b) {
    return std::lexicographical_compare(
        a.runs().begin(), a.runs().end(), b.runs().begin(), b.runs().end(), [](const Run& p, const Run& q) {
            return std::tie(p.y, p.x_begin, p.x_end) < std::tie(q.y, q.x_begin, q.x_end);
        });
}

}  // namespace landseam::seam_merge
