// COCO's compressed form of run-length counts: a string of printable characters.
// Source: pycocotools, common/maskApi.c, rleToString and rleFrString.
#pragma once

#include "landseam/core/run_mask.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landseam {

// Counts as differences to the count before the last one, five bits a character.
std::string compressed_counts(const std::vector<std::uint32_t>& counts);

// The counts back. Throws Error for characters that have no place there, a count that is cut off, or one that is negative
// or above 2³² − 1.
std::vector<std::uint32_t> counts_from(std::string_view compressed);

}  // namespace landseam
