#include "pipeline/tile_chain.h"

#include "pipeline/stop.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <tbb/parallel_pipeline.h>

namespace landseam::pipeline {
namespace {

// Finished segments are handed on together, for neighbours lie on the same ground and are measured there at
// once.
constexpr std::size_t batch_size = 256;

// Of segments that are prepared together, for what is prepared takes some 80 bytes a run.
constexpr std::size_t most_runs = 250'000;

// The end of the part that begins with segment `begin`: at least one segment.
std::size_t end_of_part(const std::vector<Segment>& segments, std::size_t begin) {
    std::size_t runs = segments[begin].mask.runs().size(), end = begin + 1;
    while (end < segments.size() && (runs += segments[end].mask.runs().size()) <= most_runs) ++end;
    return end;
}

// What goes along the chain with a tile.
struct Link {
    int tile = 0;
    bool last = false;
    std::optional<std::vector<TileMask>> masks;
    std::int64_t first_id = 0;
    std::vector<Segment> segments;
    std::function<void()> write;
};

class ChainRun {
public:
    ChainRun(const TileChain& chain, Progress& progress)
        : chain_(chain),
          progress_(progress),
          order_(chain.tiles.working_order()),
          merger_(chain.tiles, chain.merge) {}

    TileChainReport run(int tiles_in_flight) {
        using tbb::filter_mode;
        const auto begin = tbb::make_filter<void, Link>(
            filter_mode::serial_in_order, [this](tbb::flow_control& control) { return next(control); });
        const auto look = tbb::make_filter<Link, Link>(filter_mode::parallel, [this](Link link) {
            link.masks = chain_.masks_of(link.tile);
            return link;
        });
        const auto merge = tbb::make_filter<Link, Link>(
            filter_mode::serial_in_order, [this](Link link) { return merged(std::move(link)); });
        const auto prepare = tbb::make_filter<Link, Link>(filter_mode::parallel, [this](Link link) {
            if (!link.segments.empty())
                link.write = prepared(link.first_id, std::exchange(link.segments, {}));
            return link;
        });
        const auto write =
            tbb::make_filter<Link, void>(filter_mode::serial_in_order, [this](const Link& link) {
                if (link.write) link.write();
                progress_.update(++done_, std::to_string(masks_) + " masks, " + std::to_string(segments_) +
                                              " segments finished");
            });
        tbb::parallel_pipeline(static_cast<std::size_t>(tiles_in_flight),
                               begin & look & merge & prepare & write);
        return {masks_, segments_};
    }

private:
    Link next(tbb::flow_control& control) {
        check_stop();
        Link link;
        if (begun_ == order_.size()) {
            control.stop();
            return link;
        }
        link.tile = order_[begun_++];
        link.last = begun_ == order_.size();
        return link;
    }

    // Where there is too much to have all of it prepared at once, each part is when its turn to be written
    // comes.
    std::function<void()> prepared(std::int64_t id, std::vector<Segment> segments) const {
        if (end_of_part(segments, 0) == segments.size()) return chain_.prepare(id, std::move(segments));
        const auto waiting = std::make_shared<std::vector<Segment>>(std::move(segments));
        return [this, id, waiting]() mutable {
            for (std::size_t begin = 0; begin < waiting->size();) {
                const std::size_t end = end_of_part(*waiting, begin);
                const auto first = waiting->begin() + static_cast<std::ptrdiff_t>(begin);
                std::vector<Segment> part(
                    std::make_move_iterator(first),
                    std::make_move_iterator(waiting->begin() + static_cast<std::ptrdiff_t>(end)));
                const auto count = static_cast<std::int64_t>(part.size());
                chain_.prepare(id, std::move(part))();
                id += count;
                begin = end;
            }
        };
    }

    Link merged(Link link) {
        if (link.masks) {
            if (chain_.on_tile) chain_.on_tile(link.tile, *link.masks);
            masks_ += static_cast<std::int64_t>(link.masks->size());
            merger_.add_tile(link.tile, std::move(*link.masks));
            link.masks.reset();
        } else {
            merger_.pass_over(link.tile);
        }
        std::vector<Segment> finished = merger_.take_finished();
        waiting_.insert(waiting_.end(), std::make_move_iterator(finished.begin()),
                        std::make_move_iterator(finished.end()));
        if (waiting_.size() >= batch_size || link.last) {
            link.first_id = segments_ + 1;
            segments_ += static_cast<std::int64_t>(waiting_.size());
            link.segments = std::exchange(waiting_, {});
        }
        return link;
    }

    const TileChain& chain_;
    Progress& progress_;
    const std::vector<int> order_;
    seam_merge::SeamMerger merger_;
    std::vector<Segment> waiting_;
    std::size_t begun_ = 0;
    std::int64_t done_ = 0;
    std::atomic<std::int64_t> masks_{0}, segments_{0};  // read by the last link for the progress
};

}  // namespace

TileChainReport run_tile_chain(const TileChain& chain, int tiles_in_flight, Progress& progress) {
    progress.begin("tiles", chain.tiles.count());
    if (!chain.note.empty()) progress.update(0, chain.note);
    const TileChainReport report = ChainRun(chain, progress).run(tiles_in_flight);
    progress.end();
    return report;
}

}  // namespace landseam::pipeline
