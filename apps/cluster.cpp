// landseam cluster SCENE LAYER OUTPUT: groups of alike segments.
#include "landseam/pipeline/cluster_layer.h"

#include "commands.h"
#include "measure_options.h"

#include <cstdio>

namespace landseam::apps {
namespace {

using pipeline::ClusterLayerOptions;

void work(ClusterLayerOptions& options, Progress& progress) {
    const pipeline::ClusterReport report = pipeline::cluster_layer(options, progress);
    if (report.clusters.scores.size() > 1) {
        std::printf("%s by number of clusters:", report.clusters.score_name.c_str());
        for (const auto& [count, score] : report.clusters.scores) std::printf(" %d: %.6g", count, score);
        std::printf("\n");
    }
    if (report.clusters.radius > 0) std::printf("radius %.4g\n", report.clusters.radius);
    for (std::size_t k = 0; k < report.sizes.size(); ++k)
        std::printf("cluster %zu: %lld segments\n", k + 1, static_cast<long long>(report.sizes[k]));
    if (report.none > 0) std::printf("no cluster: %lld segments\n", static_cast<long long>(report.none));
    std::printf("%s: %d clusters by %zu features in %d dimensions\n", options.output.c_str(),
                report.clusters.count, report.features.size(), report.clusters.components);
}

}  // namespace

void add_cluster_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<ClusterLayerOptions>();
    ClusterLayerOptions& o = *options;
    CLI::App& command = *add_command<ClusterLayerOptions>(
        program, line, "cluster", "Group segments that are alike, without examples", options, work);
    add_measured_inputs(command, o);
    command
        .add_option("output", o.output,
                    "Layer to write, by extension; it has the fields cluster and distance")
        ->required();
    const std::string group = "Clusters";
    command
        .add_option(
            "--method", o.clusters.method,
            "kmeans, gmm (Gaussian mixture), or density (DBSCAN: any shape, and strays belong to none)")
        ->group(group);
    command
        .add_option("--clusters", o.clusters.clusters,
                    "How many; 0: as many as score best, by silhouette (kmeans) or BIC (gmm)")
        ->group(group);
    command.add_option("--most-clusters", o.clusters.most_clusters, "The most that are tried")->group(group);
    command
        .add_option("--min-points", o.clusters.min_points,
                    "So many segments within the radius make a place dense, with density")
        ->group(group);
    command
        .add_option("--radius", o.clusters.radius,
                    "In deviations of the features, with density [what 90 % of segments have --min-points "
                    "others within]")
        ->group(group)
        ->default_str("");
    command.add_option("--seed", o.clusters.seed, "Of all that is drawn at random")->group(group);
    command
        .add_option("--features", o.features,
                    "Beginnings of the names of features that count, with commas between, as mean_,lbp_ "
                    "[spectra, indices and texture, and the "
                    "embedding with --embedding]; 'landseam features' tells the names")
        ->delimiter(',')
        ->group(group)
        ->default_str("");
    command.add_option("--summary", o.summary, "Write a CSV of the clusters: segments, area, mean spectrum")
        ->group(group)
        ->default_str("");
    command.add_option("--plot", o.plot, "Draw scores and sizes as PNG")->group(group)->default_str("");
    command.add_option("--layer", o.layer_name, "Name of the layer")->group("Output");
    command.add_flag("--overwrite", o.overwrite, "Replace outputs that exist")->group("Output");
    add_measure_options(command, o);
    command.footer(
        "Examples:\n"
        "  landseam cluster S2.tif fields.gpkg groups.gpkg --preset sentinel2 --summary groups.csv --plot "
        "groups.png\n"
        "  landseam cluster town.tif town.gpkg groups.gpkg --method gmm --clusters 6 --features "
        "mean_,share_,lbp_");
}

}  // namespace landseam::apps
