// Options of `segment` as a plan keeps them.
#pragma once

#include "landseam/pipeline/classify_scene.h"
#include "landseam/pipeline/segment_scene.h"

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace landseam::apps {

struct PlannedOptions {
    pipeline::SegmentOptions segment;
    pipeline::ClassifySceneOptions classes;
};

// Those of `command`'s options that add_segment_options and add_class_options made and the command line gave,
// one word each
// ("--points-per-side=8"), for parse_planned. Names of files that are there become absolute.
std::vector<std::string> words_given(const CLI::App& command);

// Throws Error where a word is none that this landseam knows.
PlannedOptions parse_planned(const std::vector<std::string>& words);

}  // namespace landseam::apps
