// Which of the compiled kernels this processor runs.
#pragma once

#include "sam/cpu/kernel_table.h"

#include <vector>

namespace landseam::sam::cpu {

// The best set this processor runs.
const Kernels& kernels();

// All sets this processor runs, the best one last.
std::vector<const Kernels*> runnable_kernels();

}  // namespace landseam::sam::cpu
