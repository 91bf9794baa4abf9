#include "landseam/vectors/label_sweep.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace landseam::vectors {
namespace {

using RegionNumber = std::int32_t;

struct Region {
    std::int64_t label = 0;
    std::vector<Run> runs;
    std::int32_t last_row = 0;
    std::int32_t first_row = 0;
    RegionNumber joined_to = -1;  // the region that has its runs
};

struct OpenRun {
    LabelRun run;
    RegionNumber region = 0;
};

}  // namespace

class LabelSweep::Implementation {
public:
    explicit Implementation(bool diagonal) : reach_(diagonal ? 1 : 0) {}

    void add_row(std::int32_t y, const std::vector<LabelRun>& runs);
    void close_regions(std::int32_t last_row);
    std::int32_t first_unfinished_row(std::int32_t otherwise) const;

    std::int32_t row = 0;
    std::vector<LabelledMask> finished;

private:
    RegionNumber root(RegionNumber number) {
        while (regions_[number].joined_to >= 0) number = regions_[number].joined_to;
        return number;
    }
    RegionNumber join(RegionNumber a, RegionNumber b);
    RegionNumber new_region(std::int64_t label, std::int32_t y);

    int reach_;  // by how many columns runs of neighbouring rows may miss each other
    std::deque<Region> regions_;
    std::vector<RegionNumber> unused_;
    std::vector<OpenRun> above_, here_;  // runs of the last row and of this one
    std::vector<RegionNumber> joined_;   // of this row, still pointed to by runs above
    std::vector<RegionNumber> open_;
};

RegionNumber LabelSweep::Implementation::new_region(std::int64_t label, std::int32_t y) {
    RegionNumber number = 0;
    if (unused_.empty()) {
        number = static_cast<RegionNumber>(regions_.size());
        regions_.emplace_back();
    } else {
        number = unused_.back();
        unused_.pop_back();
    }
    Region& region = regions_[number];
    region.label = label;
    region.first_row = y;
    region.joined_to = -1;
    open_.push_back(number);
    return number;
}

RegionNumber LabelSweep::Implementation::join(RegionNumber a, RegionNumber b) {
    a = root(a);
    b = root(b);
    if (a == b) return a;
    if (regions_[a].runs.size() < regions_[b].runs.size()) std::swap(a, b);
    Region &kept = regions_[a], &given = regions_[b];
    kept.runs.insert(kept.runs.end(), given.runs.begin(), given.runs.end());
    kept.first_row = std::min(kept.first_row, given.first_row);
    given.runs = {};
    given.joined_to = a;
    joined_.push_back(b);
    return a;
}

void LabelSweep::Implementation::add_row(std::int32_t y, const std::vector<LabelRun>& runs) {
    if (!above_.empty() && y != row + 1) close_regions(y - 1);
    row = y;
    here_.clear();
    std::size_t first = 0;
    for (const LabelRun& run : runs) {
        RegionNumber region = -1;
        while (first < above_.size() && above_[first].run.x_end + reach_ <= run.x_begin) ++first;
        for (std::size_t i = first; i < above_.size() && above_[i].run.x_begin < run.x_end + reach_; ++i)
            if (above_[i].run.object == run.object)
                region = region < 0 ? root(above_[i].region) : join(region, above_[i].region);
        if (region < 0) region = new_region(run.object, y);
        regions_[region].runs.push_back({y, run.x_begin, run.x_end});
        regions_[region].last_row = y;
        here_.push_back({run, region});
    }
    for (OpenRun& open : here_) open.region = root(open.region);
    for (const OpenRun& open : here_) regions_[open.region].last_row = y;
    close_regions(y);
    above_.swap(here_);
}

// Regions without a run in `last_row` are complete.
void LabelSweep::Implementation::close_regions(std::int32_t last_row) {
    std::size_t kept = 0;
    const std::size_t before = finished.size();
    for (const RegionNumber number : open_) {
        Region& region = regions_[number];
        if (region.joined_to >= 0) continue;
        if (region.last_row == last_row) {
            open_[kept++] = number;
            continue;
        }
        finished.push_back({region.label, RunMask::from_runs(std::move(region.runs))});
        region.runs = {};
        unused_.push_back(number);
    }
    open_.resize(kept);
    unused_.insert(unused_.end(), joined_.begin(), joined_.end());
    joined_.clear();
    if (kept == 0) above_.clear();
    std::sort(finished.begin() + static_cast<std::ptrdiff_t>(before), finished.end(),
              [](const LabelledMask& a, const LabelledMask& b) {
                  const Run &p = a.mask.runs().front(), &q = b.mask.runs().front();
                  return p.y != q.y ? p.y < q.y : p.x_begin < q.x_begin;
              });
}

std::int32_t LabelSweep::Implementation::first_unfinished_row(std::int32_t otherwise) const {
    std::int32_t first = otherwise;
    for (const RegionNumber number : open_) first = std::min(first, regions_[number].first_row);
    return first;
}

LabelSweep::LabelSweep(bool diagonal) : implementation_(std::make_unique<Implementation>(diagonal)) {}
LabelSweep::~LabelSweep() = default;

void LabelSweep::add_row(std::int32_t y, const std::vector<LabelRun>& runs) {
    implementation_->add_row(y, runs);
}

void LabelSweep::finish() {
    implementation_->close_regions(implementation_->row + 1);
}

std::vector<LabelledMask> LabelSweep::take_finished() {
    return std::exchange(implementation_->finished, {});
}

std::int32_t LabelSweep::first_unfinished_row(std::int32_t otherwise) const {
    return implementation_->first_unfinished_row(otherwise);
}

}  // namespace landseam::vectors
