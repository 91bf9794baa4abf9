// Channel expressions: "4", "nir", "ndvi", "vv/vh", "vv-vh", "pca1".
#pragma once

#include "landseam/bands/channel_plan.h"

#include <functional>
#include <string>
#include <vector>

namespace landseam::bands {

struct ChannelExpression {
    Channel::Kind kind = Channel::Kind::band;
    std::string text;    // as it was written
    std::string first;   // names or numbers of the bands it is made of
    std::string second;  // empty where there is none
    int component = 0;   // from 1, for principal components
};

// Names of the indices: "ndvi", "ndwi", "ndbi".
std::vector<std::string> index_names();

// Parses one expression. Whatever `is_band` knows is a band, even if it looks like an index or has a '-' in
// it; so is what nothing else fits. Throws Error (usage) for empty text or an operator without two operands.
ChannelExpression parse_channel_expression(const std::string& text,
                                           const std::function<bool(const std::string&)>& is_band);

}  // namespace landseam::bands
