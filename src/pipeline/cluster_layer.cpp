#include "landseam/pipeline/cluster_layer.h"

#include "landseam/core/error.h"
#include "landseam/output/charts.h"
#include "landseam/output/picture.h"

#include "output/staged_output.h"
#include "pipeline/measured_layer_writer.h"
#include "pipeline/pictures_stacked.h"
#include "pipeline/threads.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

const std::vector<std::string> usual_features{"mean_", "std_", "share_", "dark", "lbp_", "sam_"};

bool counts(const std::string& name, const std::vector<std::string>& beginnings) {
    // What lies around a segment tells of its neighbours.
    if (beginnings == usual_features && (name.rfind("sam_around_", 0) == 0 || name.rfind("dark_", 0) == 0))
        return false;
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](const std::string& beginning) { return name.rfind(beginning, 0) == 0; });
}

segments::FeatureTable chosen_features(const ClusterLayerOptions& options,
                                       const segments::FeatureTable& all) {
    const std::vector<std::string>& beginnings = options.features.empty() ? usual_features : options.features;
    std::vector<std::size_t> columns;
    segments::FeatureTable table;
    for (std::size_t c = 0; c < all.columns(); ++c)
        if (counts(all.names[c], beginnings)) {
            columns.push_back(c);
            table.names.push_back(all.names[c]);
        }
    if (columns.empty())
        throw Error("--features", "no feature begins like that",
                    "'landseam features SCENE LAYER out.csv' writes them all with their names",
                    ErrorKind::usage);
    for (std::size_t i = 0; i < all.rows(); ++i)
        for (const std::size_t c : columns) table.values.push_back(all.row(i)[c]);
    return table;
}

struct ClusterSummary {
    std::int64_t segments = 0;
    double area = 0;
    std::vector<double> sums, counts;  // by feature
};

void write_summary(const ClusterLayerOptions& options, const MeasuredLayer& measured,
                   const ClusterReport& report) {
    std::vector<std::size_t> columns;
    const segments::FeatureTable& all = measured.features;
    for (std::size_t c = 0; c < all.columns(); ++c)
        if (all.names[c].rfind("mean_", 0) == 0) columns.push_back(c);
    const auto area =
        static_cast<std::size_t>(std::find(all.names.begin(), all.names.end(), "area") - all.names.begin());
    std::vector<ClusterSummary> summaries(report.sizes.size());
    for (ClusterSummary& summary : summaries) {
        summary.sums.resize(columns.size());
        summary.counts.resize(columns.size());
    }
    for (std::size_t i = 0; i < all.rows(); ++i) {
        const int cluster = report.clusters.of_rows[i];
        if (cluster < 0) continue;
        ClusterSummary& summary = summaries[static_cast<std::size_t>(cluster)];
        const float own_area = all.row(i)[area];
        ++summary.segments;
        if (std::isfinite(own_area)) summary.area += own_area;
        for (std::size_t k = 0; k < columns.size(); ++k)
            if (const float value = all.row(i)[columns[k]]; std::isfinite(value)) {
                summary.sums[k] += value;
                ++summary.counts[k];
            }
    }
    output::StagedOutput staged(options.summary, options.overwrite);
    std::ofstream file(staged.path(), std::ios::binary);
    file << "cluster,segments," << (measured.gsd > 0 ? "area_m2" : "area_px");
    for (const std::size_t c : columns) file << ',' << all.names[c];
    file << '\n';
    const auto number = [](double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.6g", value);
        return std::string(text);
    };
    for (std::size_t k = 0; k < summaries.size(); ++k) {
        file << k + 1 << ',' << summaries[k].segments << ',' << number(summaries[k].area);
        for (std::size_t c = 0; c < columns.size(); ++c)
            file << ','
                 << (summaries[k].counts[c] > 0 ? number(summaries[k].sums[c] / summaries[k].counts[c]) : "");
        file << '\n';
    }
    file.close();
    if (!file) throw Error(options.summary, "cannot be written", "make room on the disk", ErrorKind::passing);
    staged.publish();
}

void draw_plot(const ClusterLayerOptions& options, const ClusterReport& report) {
    std::vector<std::pair<std::string, double>> bars;
    for (std::size_t k = 0; k < report.sizes.size(); ++k)
        bars.push_back({"cluster " + std::to_string(k + 1), static_cast<double>(report.sizes[k])});
    if (report.none > 0) bars.push_back({"none", static_cast<double>(report.none)});
    ImageU8 picture = output::draw_bars("segments", bars);
    if (report.clusters.scores.size() > 1) {
        std::vector<std::pair<double, double>> points(report.clusters.scores.begin(),
                                                      report.clusters.scores.end());
        picture = stacked(output::draw_curve(report.clusters.score_name + " by number of clusters", points),
                          picture);
    }
    output::write_png(options.plot, picture, options.overwrite);
}

void write_layer(const ClusterLayerOptions& options, MeasuredLayer& measured, const ClusterReport& report,
                 Progress& progress) {
    output::LayerOptions layer =
        layer_over(options, measured, options.output, options.layer_name, options.overwrite, progress);
    layer.style_field = "cluster";
    MeasuredLayerWriter writer(
        std::move(layer), measured,
        {{"cluster", output::FieldType::integer64}, {"distance", output::FieldType::real}});
    for (std::size_t i = 0; i < measured.layer.features.size(); ++i) {
        const int cluster = report.clusters.of_rows[i];
        if (cluster < 0)
            writer.write(i, {output::FieldValue(), output::FieldValue()});
        else
            writer.write(i, {std::int64_t{cluster} + 1, report.clusters.distance[i]});
    }
    writer.close();
}

}  // namespace

void ClusterLayerOptions::validate() const {
    MeasureOptions::validate();
    clusters.validate();
}

ClusterReport cluster_layer(const ClusterLayerOptions& options, Progress& progress) {
    options.validate();
    for (const std::string* path : {&options.output, &options.summary, &options.plot})
        if (!path->empty() && std::filesystem::exists(*path) && !options.overwrite)
            throw Error(*path, "exists", "name another output, or replace it with --overwrite");
    MeasuredLayer measured = measure_layer(options, progress);
    const ThreadLimit limit(options.threads_or_cores());
    tbb::task_arena arena(options.threads_or_cores());
    const ParallelFor parallel_for = [&, shared = shared_with_idle_threads()](std::size_t count,
                                                                              const auto& body) {
        arena.execute([&] { shared(count, body); });
    };
    const segments::FeatureTable table = chosen_features(options, measured.features);
    ClusterReport report;
    report.features = table.names;
    progress.begin("clusters", 1);
    report.clusters = segments::find_clusters(table, options.clusters, parallel_for);
    progress.update(1, std::to_string(report.clusters.count) + " clusters");
    progress.end();
    report.sizes.assign(static_cast<std::size_t>(report.clusters.count), 0);
    for (const int cluster : report.clusters.of_rows)
        cluster < 0 ? ++report.none : ++report.sizes[static_cast<std::size_t>(cluster)];
    if (!options.summary.empty()) write_summary(options, measured, report);
    if (!options.plot.empty()) draw_plot(options, report);
    write_layer(options, measured, report, progress);
    return report;
}

}  // namespace landseam::pipeline
