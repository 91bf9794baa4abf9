// The presets that come with landseam, as TOML text by name (the file's stem).
#pragma once

#include <map>
#include <string>

namespace landseam::bands {

const std::map<std::string, std::string>& embedded_presets();

}  // namespace landseam::bands
