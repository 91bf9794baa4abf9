// The inner loops between the matrix products, compiled for several instruction sets. No standard library here:
// see vec.h.
#pragma once

#include "sam/cpu/decoder_kernels.h"
#include "sam/cpu/encoder_kernels.h"
#include "sam/cpu/training_kernels.h"

namespace landseam::sam::cpu {

struct Kernels {
    const char* instruction_set;  // "baseline", "avx2" or "avx512"
    DecoderKernels decoder;
    EncoderKernels encoder;
    TrainingKernels training;
};

}  // namespace landseam::sam::cpu
