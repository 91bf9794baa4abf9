// Pictures as text in a page.
#pragma once

#include "landseam/core/image.h"

#include <string>

namespace landseam::output {

// "data:image/jpeg;base64,…" of a picture of 3 channels.
std::string data_url(const ImageU8& rgb);

}  // namespace landseam::output
