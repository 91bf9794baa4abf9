// Pictures to look at.
#pragma once

#include "landseam/core/image.h"

#include <string>

namespace landseam::output {

// Writes a PNG: 1 channel is grey, 2 grey and alpha, 3 RGB, 4 RGBA. It appears whole or not at all, with no
// file beside it. Throws Error: no pixels or other channels, missing or read-only folder, an output that
// exists (unless `overwrite`).
void write_png(const std::string& path, const ImageU8& picture, bool overwrite = false);

}  // namespace landseam::output
