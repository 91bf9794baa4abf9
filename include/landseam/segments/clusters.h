// Groups of segments that are alike, without examples.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/segments/feature_table.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace landseam::segments {

struct ClusterOptions {
    std::string method =
        "kmeans";      // "kmeans", "gmm" (Gaussian mixture, diagonal covariances) or "density" (DBSCAN)
    int clusters = 0;  // of the first two; 0: chosen from 2 to most_clusters
    int most_clusters = 12;
    int min_points = 10;  // density: so many rows within the radius make a place dense
    double radius =
        0;  // density: in units of the components; 0: what 90 % of rows have so many others within
    std::uint64_t seed = 1;

    // Throws Error (usage) naming the option.
    void validate() const;
};

struct Clusters {
    int count = 0;
    std::vector<int>
        of_rows;  // from 0, larger clusters first; −1: none (density), or nothing known of the row
    std::vector<double>
        distance;  // to the cluster's middle (density: to its nearest dense place); NaN without one
    // What each number of clusters that was tried scored, and of what kind that score is: "silhouette" (more
    // is better) of k-means, "BIC" (less is better) of mixtures.
    std::vector<std::pair<int, double>> scores;
    std::string score_name;
    double radius = 0;   // of density
    int components = 0;  // dimensions in which distances are measured
};

// Features are standardized by median and interquartile range and clipped at 5, unknown values stand at the
// median, and principal components with 95 % of the variance are taken (16 at most), the larger ones counting
// as much as they vary. Learned from 20,000 rows at most, drawn at random (density: 5,000); the others join
// the nearest cluster. The same rows and seed give the same clusters, whatever the threads.
//
// Sources: Arthur and Vassilvitskii 2007 (k-means++), Rousseeuw 1987 (silhouette; over 2,000 rows), Schwarz
// 1978 (BIC), Ester et al. 1996 (DBSCAN). Throws Error: no feature that differs among rows, fewer rows than
// clusters.
Clusters find_clusters(const FeatureTable& table, const ClusterOptions& options,
                       const ParallelFor& parallel_for = serial_for);

// How far two groupings of the same things agree, 1: wholly, 0: as by chance. Rows where either is below 0
// are passed over. Source: Hubert and Arabie 1985.
double adjusted_rand_index(const std::vector<int>& a, const std::vector<int>& b);

}  // namespace landseam::segments
