#include "landseam/pipeline/vectorize_labels.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_sink.h"
#include "landseam/pipeline/area_limits.h"
#include "landseam/pipeline/outline_drawing.h"
#include "landseam/raster/georeference.h"
#include "landseam/raster/label_rows.h"
#include "landseam/vectors/label_sweep.h"

#include "pipeline/label_table.h"
#include "pipeline/stop.h"
#include "pipeline/threads.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <tbb/parallel_for.h>
#include <tbb/parallel_pipeline.h>

namespace landseam::pipeline {
namespace {

using output::FieldType;
using output::FieldValue;
using vectors::LabelledMask;
using vectors::LabelRun;

// The runs of some rows.
struct RowsOfRuns {
    std::int32_t first_row = 0;
    std::vector<std::vector<LabelRun>> rows;
};

// Reads strips and finds the runs of what is no background.
class RunReader {
public:
    RunReader(const VectorizeOptions& options, raster::LabelRows& labels) : labels_(labels) {
        if (options.background.empty() && !labels.marks_unknown()) background_ = {0};
        if (options.background.empty() || options.background == "none") return;
        std::istringstream list(options.background);
        for (std::string value; std::getline(list, value, ',');) background_.insert(std::stoll(value));
    }

    bool done() const { return next_row_ >= labels_.info().height; }
    void rewind() { next_row_ = 0; }
    RowsOfRuns read() {
        labels_.read(next_row_, strip_);
        next_row_ += strip_.rows;
        RowsOfRuns result;
        result.first_row = static_cast<std::int32_t>(strip_.first_row);
        result.rows.resize(static_cast<std::size_t>(strip_.rows));
        for (std::size_t row = 0; row < result.rows.size(); ++row) find_runs(row, result.rows[row]);
        return result;
    }

private:
    void find_runs(std::size_t row, std::vector<LabelRun>& runs) const {
        const auto width = static_cast<std::int32_t>(labels_.info().width);
        const std::uint32_t* codes = strip_.codes.data() + row * static_cast<std::size_t>(width);
        const std::uint8_t* known =
            strip_.known.empty() ? nullptr : strip_.known.data() + row * static_cast<std::size_t>(width);
        for (std::int32_t x = 0; x < width;) {
            const std::int32_t begin = x;
            const std::uint32_t code = codes[x];
            const bool is_known = !known || known[x] != 0;
            do ++x;
            while (x < width && codes[x] == code && (!known || (known[x] != 0) == is_known));
            const std::int64_t value = labels_.value_of(code);
            if (is_known && background_.count(value) == 0) runs.push_back({begin, x, value});
        }
    }

    raster::LabelRows& labels_;
    raster::LabelStrip strip_;
    std::set<std::int64_t> background_;
    std::int64_t next_row_ = 0;
};

using LastRows = std::unordered_map<std::int64_t, std::int32_t>;

LastRows find_last_rows(RunReader& reader, std::int64_t height, Progress& progress) {
    LastRows last;
    progress.begin("finding instances", height);
    while (!reader.done()) {
        check_stop();
        const RowsOfRuns strip = reader.read();
        std::int32_t y = strip.first_row;
        for (const std::vector<LabelRun>& runs : strip.rows) {
            for (const LabelRun& run : runs) last[run.object] = y;
            ++y;
        }
        progress.update(y, {});
    }
    progress.end();
    reader.rewind();
    return last;
}

// Objects whose rows and surroundings have all been seen.
class ObjectCollector {
public:
    ObjectCollector(const VectorizeOptions& options, LastRows last_rows)
        : instances_(options.instances),
          outlines_(options.outlines),
          margin_(static_cast<std::int32_t>(std::ceil(options.outlines.simplify)) + 1),
          last_rows_(std::move(last_rows)),
          sweep_(options.diagonal) {}

    void add(const RowsOfRuns& strip) {
        std::int32_t y = strip.first_row;
        for (const std::vector<LabelRun>& runs : strip.rows) {
            sweep_.add_row(y, runs);
            add_line(y, runs);
            ++y;
        }
        next_row_ = y;
        collect();
    }
    void finish() {
        sweep_.finish();
        add_line(next_row_, {});
        next_row_ = std::numeric_limits<std::int32_t>::max();
        collect();
    }

    std::vector<LabelledMask> take_complete() { return std::exchange(complete_, {}); }
    const vectors::CornerIndex& corners() const { return corners_; }
    // Once the complete ones are drawn.
    void forget_corners() {
        if (outlines_.exact()) return;
        std::int32_t first = sweep_.first_unfinished_row(next_row_);
        for (const LabelledMask& object : waiting_) first = std::min(first, object.mask.runs().front().y);
        for (const auto& [label, masks] : pending_)
            for (const RunMask& mask : masks) first = std::min(first, mask.runs().front().y);
        corners_.forget_above(first - margin_);
    }

private:
    void add_line(std::int32_t y, const std::vector<LabelRun>& below) {
        if (outlines_.exact()) return;
        corners_.add_line(y, above_, below);
        above_ = below;
    }

    void collect() {
        std::vector<LabelledMask> finished = sweep_.take_finished();
        if (instances_) finished = join_instances(std::move(finished));
        if (outlines_.exact()) {
            complete_ = std::move(finished);
            return;
        }
        // What lies below an object by less than the tolerance bears on its outline.
        std::vector<LabelledMask> still_waiting;
        waiting_.insert(waiting_.end(), std::make_move_iterator(finished.begin()),
                        std::make_move_iterator(finished.end()));
        for (LabelledMask& object : waiting_) {
            const bool seen = object.mask.runs().back().y + 1 + margin_ < next_row_;
            (seen ? complete_ : still_waiting).push_back(std::move(object));
        }
        waiting_ = std::move(still_waiting);
    }

    // The labels that come no more, with all their regions, in the order of their first pixels.
    std::vector<LabelledMask> join_instances(std::vector<LabelledMask> finished) {
        for (LabelledMask& region : finished) pending_[region.label].push_back(std::move(region.mask));
        std::vector<LabelledMask> joined;
        for (auto label = pending_.begin(); label != pending_.end();) {
            if (last_rows_.at(label->first) + 1 >= next_row_) {
                ++label;
                continue;
            }
            std::vector<const RunMask*> parts;
            for (const RunMask& mask : label->second) parts.push_back(&mask);
            joined.push_back({label->first, set_union(parts)});
            label = pending_.erase(label);
        }
        std::sort(joined.begin(), joined.end(), [](const LabelledMask& a, const LabelledMask& b) {
            const Run &p = a.mask.runs().front(), &q = b.mask.runs().front();
            return p.y != q.y ? p.y < q.y : p.x_begin < q.x_begin;
        });
        return joined;
    }

    bool instances_;
    vectors::OutlineOptions outlines_;
    std::int32_t margin_;
    LastRows last_rows_;
    vectors::LabelSweep sweep_;
    vectors::CornerIndex corners_;
    std::vector<LabelRun> above_;
    std::int32_t next_row_ = 0;
    std::map<std::int64_t, std::vector<RunMask>> pending_;  // regions of labels that may come again
    std::vector<LabelledMask> waiting_, complete_;
};

class FeatureMaker {
public:
    FeatureMaker(const VectorizeOptions& options, const raster::LabelRows& labels)
        : georeference_(labels.info()),
          limits_(AreaLimits::parse(options.min_area, options.max_area)),
          outlines_(options.outlines),
          names_(labels.names()) {
        limits_.check_against(georeference_);
        fields_ = {{"id", FieldType::integer64}, {"value", FieldType::integer64}};
        if (!names_.empty()) fields_.push_back({"name", FieldType::text});
        fields_.push_back({"area_m2", FieldType::real});
        fields_.push_back({"area_px", FieldType::integer64});
        fields_.push_back({"perimeter_m", FieldType::real});
        if (!options.table.empty()) table_ = LabelTable(options.table, options.key_field, fields_);
        fields_.insert(fields_.end(), table_.fields().begin(), table_.fields().end());
    }

    const std::vector<output::FieldDefinition>& fields() const { return fields_; }

    // One feature for each object that the limits let through.
    std::vector<output::Feature> make(std::vector<LabelledMask> objects, const vectors::CornerIndex& corners,
                                      VectorizeReport& report) {
        std::vector<LabelledMask> kept;
        for (LabelledMask& object : objects) {
            const bool small = limits_.is_too_small(object.mask, georeference_);
            const bool large = limits_.is_too_large(object.mask, georeference_);
            report.too_small += small;
            report.too_large += large;
            if (!small && !large) kept.push_back(std::move(object));
        }
        std::vector<output::Feature> features(kept.size());
        std::vector<double> deviations(kept.size(), 0);
        tbb::parallel_for(std::size_t{0}, kept.size(), [&](std::size_t i) {
            const vectors::Outline outline = vectors::trace_outline(kept[i].mask, corners, outlines_);
            deviations[i] = outline.deviation;
            features[i] = feature_of(report.objects + 1 + static_cast<std::int64_t>(i), kept[i], outline);
        });
        report.objects += static_cast<std::int64_t>(features.size());
        for (const double deviation : deviations) report.deviation = std::max(report.deviation, deviation);
        return features;
    }

private:
    output::Feature feature_of(std::int64_t id, const LabelledMask& object,
                               const vectors::Outline& outline) const {
        const auto number_or_null = [](double value) {
            return std::isfinite(value) ? FieldValue(value) : FieldValue(std::monostate{});
        };
        output::Feature feature;
        feature.id = id;
        feature.geometry = georeference_.to_world(outline.polygons);
        feature.values = {id, object.label};
        if (!names_.empty()) {
            const bool named = object.label >= 0 && object.label < static_cast<std::int64_t>(names_.size());
            feature.values.push_back(named ? FieldValue(names_[static_cast<std::size_t>(object.label)])
                                           : FieldValue());
        }
        const bool known = georeference_.known();
        const raster::GroundSize size = known ? georeference_.size(feature.geometry) : raster::GroundSize{};
        feature.values.push_back(known ? number_or_null(size.area_m2) : FieldValue());
        feature.values.push_back(object.mask.area());
        feature.values.push_back(known ? number_or_null(size.perimeter_m) : FieldValue());
        const std::vector<FieldValue>& more = table_.values_of(object.label);
        feature.values.insert(feature.values.end(), more.begin(), more.end());
        return feature;
    }

    raster::Georeference georeference_;
    AreaLimits limits_;
    vectors::OutlineOptions outlines_;
    std::vector<std::string> names_;
    LabelTable table_;
    std::vector<output::FieldDefinition> fields_;
};

std::unique_ptr<output::LayerSink> open_output(const VectorizeOptions& options, const raster::SceneInfo& info,
                                               const std::vector<output::FieldDefinition>& fields,
                                               Progress& progress) {
    output::LayerOptions layer;
    layer.path = options.output;
    layer.layer_name = options.layer_name;
    layer.crs_wkt = info.crs_wkt;
    layer.fields = fields;
    layer.target_crs = options.target_crs;
    if (info.geo_transform) layer.max_deviation = edge_deviation(*info.geo_transform);
    layer.scene = options.labels;
    layer.style_field =
        options.style_field.empty() ? (fields[2].name == "name" ? "name" : "value") : options.style_field;
    layer.overwrite = options.overwrite;
    layer.dataset_creation_options = options.dataset_creation_options;
    layer.layer_creation_options = options.layer_creation_options;
    layer.metadata = {{"landseam", LANDSEAM_VERSION}, {"labels", options.labels}};
    layer.warn = [&progress](const std::string& message) { progress.warn(message); };
    return output::open_layer(layer);
}

bool is_background_list(const std::string& text) {
    if (text.empty() || text == "none") return true;
    std::istringstream list(text);
    for (std::string value; std::getline(list, value, ',');) {
        const std::size_t sign = value.compare(0, 1, "-") == 0 ? 1 : 0;
        const std::size_t digits = value.size() - sign;
        if (digits < 1 || digits > 10 || value.find_first_not_of("0123456789", sign) != std::string::npos)
            return false;
    }
    return true;
}

}  // namespace

void VectorizeOptions::validate() const {
    outlines.validate();
    AreaLimits::parse(min_area, max_area);
    check_threads(threads);
    if (!is_background_list(background))
        throw Error("--background", "'" + background + "' is no list of values", "write 0,255 or none",
                    ErrorKind::usage);
    if (!key_field.empty() && table.empty()) throw Error("--key", "needs --table", "", ErrorKind::usage);
}

VectorizeReport vectorize_labels(const VectorizeOptions& options, Progress& progress) {
    options.validate();
    const int threads = threads_or_cores(options.threads);
    const ThreadLimit limit(threads);
    raster::LabelRows labels(options.labels);
    const std::int64_t height = labels.info().height;
    for (const std::string& warning : labels.info().warnings) progress.warn(warning);
    RunReader reader(options, labels);
    FeatureMaker maker(options, labels);
    const auto sink = open_output(options, labels.info(), maker.fields(), progress);
    ObjectCollector objects(options,
                            options.instances ? find_last_rows(reader, height, progress) : LastRows{});
    VectorizeReport report;

    using Strip = std::shared_ptr<RowsOfRuns>;
    using Features = std::shared_ptr<std::vector<output::Feature>>;
    bool ended = false;
    const auto read = [&](tbb::flow_control& control) -> Strip {
        if (reader.done()) {
            if (std::exchange(ended, true)) control.stop();
            return nullptr;  // the end, told once
        }
        check_stop();
        return std::make_shared<RowsOfRuns>(reader.read());
    };
    const auto draw = [&](const Strip& strip) -> Features {
        strip ? objects.add(*strip) : objects.finish();
        auto features = std::make_shared<std::vector<output::Feature>>(
            maker.make(objects.take_complete(), objects.corners(), report));
        objects.forget_corners();
        return features;
    };
    std::int64_t strips = 0, written = 0;
    const auto write = [&](const Features& features) {
        for (const output::Feature& feature : *features) sink->write(feature);
        written += static_cast<std::int64_t>(features->size());
        progress.update(std::min(height, ++strips * labels.strip_rows()),
                        std::to_string(written) + " polygons");
    };
    progress.begin("rows", height);
    tbb::parallel_pipeline(3, tbb::make_filter<void, Strip>(tbb::filter_mode::serial_in_order, read) &
                                  tbb::make_filter<Strip, Features>(tbb::filter_mode::serial_in_order, draw) &
                                  tbb::make_filter<Features, void>(tbb::filter_mode::serial_in_order, write));
    progress.end();
    if (report.objects == 0) progress.warn("'" + options.labels + "': no objects found");
    sink->close();
    return report;
}

}  // namespace landseam::pipeline
