#include "pipeline/feature_writer.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/tile_masks_file.h"

#include "pipeline/segment_features.h"
#include "pipeline/segment_statistics.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <string>
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

bool FeatureWriter::needs_all() const {
    const OverlapOptions& overlap = options_.overlap;
    return overlap.is_flat() || overlap.is_tree() || !overlap.min_area.empty() || !overlap.max_area.empty() ||
           options_.drawing.buildings;
}

FeatureWriter::Batch FeatureWriter::make_features(const ArrangedSegments& arranged,
                                                  std::int64_t first_id) const {
    const std::vector<Segment>& segments = arranged.segments;
    const auto statistics =
        gather_statistics(source_, segments, area_of_interest_, options_.keep_going, parallel_for_);
    const DrawnOutlines drawn = draw_outlines(arranged, options_.drawing, georeference_, parallel_for_);
    Batch batch{std::vector<output::Feature>(segments.size()), drawn.deviation};
    parallel_for_(segments.size(), [&](std::size_t i) {
        output::Feature& feature = batch.features[i];
        feature = segment_feature(first_id + static_cast<std::int64_t>(i), segments[i], statistics[i],
                                  source_.info().image_bands.size(), georeference_, drawn.outlines[i]);
        append_drawing_values(arranged, drawn, i, feature.values);
    });
    return batch;
}

void FeatureWriter::write(const Batch& batch, const std::vector<Segment>& segments) {
    for (const output::Feature& feature : batch.features) sink_.write(feature);
    if (labels_)
        for (const Segment& segment : segments) burn(segment.mask);
    written_ += static_cast<std::int64_t>(batch.features.size());
    deviation_ = std::max(deviation_, batch.deviation);
}

std::function<void()> FeatureWriter::prepare(std::int64_t first_id, std::vector<Segment> segments) {
    if (needs_all())
        return [this, segments = std::move(segments)]() mutable {
            for (Segment& segment : segments) kept_.push_back(std::move(segment));
        };
    ArrangedSegments arranged;
    arranged.segments = std::move(segments);
    return [this, batch = make_features(arranged, first_id), segments = std::move(arranged.segments)] {
        write(batch, segments);
    };
}

void FeatureWriter::finish(Progress& progress) {
    if (!needs_all()) return;
    progress.begin("polygons", static_cast<std::int64_t>(kept_.size()));
    const ArrangedSegments arranged =
        arrange_segments(std::exchange(kept_, {}), options_.overlap, source_, area_of_interest_);
    left_out_ = arranged.left_out;
    write(make_features(arranged, 1), arranged.segments);
    progress.update(written_, std::to_string(written_) + " written");
    progress.end();
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
