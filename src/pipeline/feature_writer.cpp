#include "pipeline/feature_writer.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/tile_masks_file.h"

#include "pipeline/segment_features.h"
#include "pipeline/segment_statistics.h"
#include "pipeline/tile_run.h"

#include <utility>

namespace landseam::pipeline {

FeatureWriter::FeatureWriter(const SegmentOptions& options, const ScenePicture& picture,
                             const MultiPolygon& area, output::LayerSink& sink,
                             output::LabelRasterWriter* labels)
    : options_(options),
      source_(*picture.source),
      area_of_interest_(area),
      georeference_(source_.info()),
      sink_(sink),
      labels_(labels),
      parallel_for_(shared_with_idle_threads()) {}

std::function<void()> FeatureWriter::prepare(std::int64_t first_id, std::vector<Segment> segments) {
    const auto statistics =
        gather_statistics(source_, segments, area_of_interest_, options_.keep_going, parallel_for_);
    std::vector<output::Feature> features(segments.size());
    parallel_for_(segments.size(), [&](std::size_t i) {
        features[i] = segment_feature(first_id + static_cast<std::int64_t>(i), segments[i], statistics[i],
                                      source_.info().image_bands.size(), georeference_, options_.simplify);
    });
    if (!labels_) segments.clear();
    return [this, features = std::move(features), segments = std::move(segments)] {
        for (const output::Feature& feature : features) sink_.write(feature);
        for (const Segment& segment : segments) burn(segment.mask);
    };
}

// Smaller segments cover larger ones, so that what lies on those stays visible; of equal ones the later.
void FeatureWriter::burn(const RunMask& mask) {
    const std::int64_t size = mask.area();
    areas_.push_back(size);
    labels_->burn(mask, static_cast<std::uint32_t>(areas_.size()),
                  [&](std::uint32_t there) { return areas_[there - 1] < size; });
}

TilesOutput::TilesOutput(const SegmentOptions& options, const tiling::TileLayout& tiles,
                         const raster::SceneInfo& info)
    : path_(options.tiles),
      staged_(options.tiles, options.overwrite),
      file_(staged_.path(), std::ios::binary),
      tiles_(tiles) {
    file_ << header_line({info.width, info.height, info.geo_transform, info.crs_wkt, options.tile_overlap})
          << '\n';
    check();
}

void TilesOutput::write(int tile, const std::vector<TileMask>& masks) {
    file_ << tile_line(tiles_.window(tile), masks) << '\n';
    check();
}

void TilesOutput::close() {
    file_.close();
    check();
    staged_.publish();
}

void TilesOutput::check() const {
    if (!file_) throw Error(path_, "cannot be written", "make room on the disk", ErrorKind::passing);
}

}  // namespace landseam::pipeline
