// One STAC Item.
#pragma once

#include "catalog/scene.h"

namespace landseam::catalog {

// Takes what it understands and passes over the rest. Throws Error, with the reason alone, for what is no
// Item.
Candidate read_item(const json& item, const std::string& address);

}  // namespace landseam::catalog
