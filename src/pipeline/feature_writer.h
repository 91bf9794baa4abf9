// What a run writes as it goes: features, labels, masks of tiles.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/core/progress.h"
#include "landseam/output/label_raster.h"
#include "landseam/output/layer_sink.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/pipeline/segment_scene.h"
#include "landseam/raster/georeference.h"
#include "landseam/tiling/tile_layout.h"

#include "output/staged_output.h"

#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace landseam::pipeline {

// Makes finished segments into features and writes them: at once where each stands for itself, else when all
// are known.
class FeatureWriter {
public:
    // All of these must outlive the writer; `labels` may be null.
    FeatureWriter(const SegmentOptions& options, const ScenePicture& picture, const MultiPolygon& area,
                  output::LayerSink& sink, output::LabelRasterWriter* labels);

    // As TileChain::prepare: measures and traces, and gives back what writes, or keeps the segments for
    // finish().
    std::function<void()> prepare(std::int64_t first_id, std::vector<Segment> segments);

    // Writes what has been kept. Call once, when no more segments come.
    void finish(Progress& progress);

    std::int64_t written() const { return written_; }
    std::int64_t left_out() const { return left_out_; }  // see ArrangedSegments
    double deviation() const { return deviation_; }      // see DrawnOutlines

private:
    // Whether what becomes of a segment depends on its neighbours.
    bool needs_all() const;
    struct Batch {
        std::vector<output::Feature> features;
        double deviation = 0;
    };
    Batch make_features(const ArrangedSegments& arranged, std::int64_t first_id) const;
    void write(const Batch& batch, const std::vector<Segment>& segments);
    void burn(const RunMask& mask);

    const SegmentOptions& options_;
    const raster::RasterSource& source_;
    const MultiPolygon& area_of_interest_;
    const raster::Georeference georeference_;
    output::LayerSink& sink_;
    output::LabelRasterWriter* labels_;
    const ParallelFor parallel_for_;
    std::vector<std::int64_t> areas_;  // of the segments burnt, by id
    std::vector<Segment> kept_;        // until all are known
    std::int64_t written_ = 0, left_out_ = 0;
    double deviation_ = 0;
};

// Each tile's masks as they come (tile_masks_file.h), in a file that appears when it is whole.
class TilesOutput {
public:
    // Throws Error as StagedOutput does.
    TilesOutput(const SegmentOptions& options, const tiling::TileLayout& tiles,
                const raster::SceneInfo& info);

    // Throw Error (passing) where the disk is full.
    void write(int tile, const std::vector<TileMask>& masks);
    void close();

private:
    void check() const;

    std::string path_;
    output::StagedOutput staged_;
    std::ofstream file_;
    const tiling::TileLayout tiles_;
};

}  // namespace landseam::pipeline
