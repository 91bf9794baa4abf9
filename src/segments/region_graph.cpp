#include "segments/region_graph.h"

#include "segments/fine_regions.h"

#include <algorithm>
#include <cmath>

namespace landseam::segments {
namespace {

std::size_t region_count(const RegionMap& regions) {
    return regions.empty()
               ? 0
               : static_cast<std::size_t>(*std::max_element(regions.values.begin(), regions.values.end()));
}

}  // namespace

RegionGraph::RegionGraph(const RegionMap& fine, const ImageU8& picture)
    : fine_(fine),
      channels_(static_cast<std::size_t>(picture.channels)),
      regions_(region_count(fine)),
      sums_(regions_.size() * channels_),
      sets_(regions_.size()) {
    for (int y = 0; y < fine.height; ++y)
        for (int x = 0; x < fine.width; ++x) {
            const std::int32_t id = fine.at(x, y);
            if (id == 0) continue;
            const auto region = static_cast<std::uint32_t>(id) - 1;
            ++regions_[region].area;
            for (std::size_t c = 0; c < channels_; ++c) sums(region)[c] += (&picture.at(x, y))[c];
            const auto meet = [&](int x2, int y2) {
                const std::int32_t other = fine.at(x2, y2);
                if (other == 0 || other == id) return;
                add_border(static_cast<std::uint32_t>(id) - 1, static_cast<std::uint32_t>(other) - 1,
                           color_difference(&picture.at(x, y), &picture.at(x2, y2), picture.channels));
            };
            if (x + 1 < fine.width) meet(x + 1, y);
            if (y + 1 < fine.height) meet(x, y + 1);
        }
    for (std::uint32_t a = 0; a < regions_.size(); ++a)
        for (const auto& [b, border] : regions_[a].borders)
            if (a < b) push(a, b, border);
}

void RegionGraph::add_border(std::uint32_t a, std::uint32_t b, double difference) {
    for (Border* border : {&regions_[a].borders[b], &regions_[b].borders[a]}) {
        border->length += 1;
        border->differences += difference;
    }
}

double RegionGraph::cost(std::uint32_t a, std::uint32_t b, const Border& border) const {
    const Region &p = regions_[a], &q = regions_[b];
    double squares = 0;
    for (std::size_t c = 0; c < channels_; ++c) {
        const double d = sums(a)[c] / p.area - sums(b)[c] / q.area;
        squares += d * d;
    }
    const double difference = std::sqrt(squares / static_cast<double>(channels_)),
                 edge = border.differences / border.length;
    return p.area * q.area / (p.area + q.area) * difference * edge / border.length;
}

void RegionGraph::push(std::uint32_t a, std::uint32_t b, const Border& border) {
    queue_.push({cost(a, b, border), std::min(a, b), std::max(a, b)});
}

void RegionGraph::merge_up_to(double limit) {
    while (!queue_.empty() && queue_.top().cost <= limit) {
        const Pair pair = queue_.top();
        queue_.pop();
        if (sets_.root(pair.a) != pair.a || sets_.root(pair.b) != pair.b) continue;
        // Either may have grown since: a pair that costs more now waits for its turn.
        const auto border = regions_[pair.a].borders.find(pair.b);
        const double now = cost(pair.a, pair.b, border->second);
        if (now > pair.cost)
            queue_.push({now, pair.a, pair.b});
        else
            merge(pair.a, pair.b);
    }
}

void RegionGraph::merge(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t stays = sets_.unite(a, b), goes = stays == a ? b : a;
    Region& into = regions_[stays];
    Region from = std::move(regions_[goes]);
    regions_[goes] = {};
    into.area += from.area;
    for (std::size_t c = 0; c < channels_; ++c) sums(stays)[c] += sums(goes)[c];
    into.borders.erase(goes);
    for (const auto& [neighbour, border] : from.borders) {
        if (neighbour == stays) continue;
        regions_[neighbour].borders.erase(goes);
        for (Border* joined : {&into.borders[neighbour], &regions_[neighbour].borders[stays]}) {
            joined->length += border.length;
            joined->differences += border.differences;
        }
        push(stays, neighbour, into.borders[neighbour]);
    }
}

RegionMap RegionGraph::current() const {
    RegionMap map(fine_.width, fine_.height);
    std::vector<std::int32_t> number(regions_.size(), 0);
    std::int32_t count = 0;
    for (std::size_t i = 0; i < map.values.size(); ++i) {
        if (fine_.values[i] == 0) continue;
        std::int32_t& id = number[sets_.root(static_cast<std::uint32_t>(fine_.values[i]) - 1)];
        if (id == 0) id = ++count;
        map.values[i] = id;
    }
    return map;
}

}  // namespace landseam::segments
