// A page about a run of segment_scene.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/pipeline/segment_scene.h"

#include <string>

namespace landseam::pipeline {

// segment_scene, and then an HTML page at `report` (see output::write_html_report) about what it did:
// settings, an overview of scene and layer, how sizes and scores are distributed, the ten largest segments,
// how much of their outlines lies on tile lines, timing, warnings. Where the run fails the page says so, as
// far as it came, and the Error is thrown all the same. An existing page is replaced if options.overwrite
// says so.
SegmentReport segment_scene_with_report(const SegmentOptions& options, const std::string& report,
                                        Progress& progress);

}  // namespace landseam::pipeline
