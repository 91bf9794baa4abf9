// The mask generator's parameters, by the reference's names.
#pragma once

#include "landseam/mask_generation/automatic_mask_generator.h"

#include <optional>

#include <CLI/CLI.hpp>

namespace landseam::apps {

// The heading of these options in --help.
inline constexpr const char* generator_group = "Mask generation (names as in the reference)";

// The two thresholds are left empty where the command line names none: what suits the checkpoint then holds.
void add_generator_options(CLI::App& command, mask_generation::MaskGeneratorOptions& generator,
                           std::optional<double>& pred_iou_thresh,
                           std::optional<double>& stability_score_thresh);

}  // namespace landseam::apps
