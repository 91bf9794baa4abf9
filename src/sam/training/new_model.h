// Models that have learned nothing yet.
#pragma once

#include "landseam/sam/modules.h"
#include "landseam/sam/trainer.h"

#include <cstdint>

namespace landseam::sam::training {

// Weights drawn as PyTorch's layers draw theirs, which is what upstream's modules begin with.
Sam make_new_model(const NewModel& sizes, std::uint64_t seed);

}  // namespace landseam::sam::training
