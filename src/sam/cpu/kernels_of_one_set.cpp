// Compiled once for each instruction set, with LANDSEAM_ISA as its name (see CMakeLists.txt).
#include "sam/cpu/kernel_table.h"

#include "sam/cpu/decoder_kernels.inc"
#include "sam/cpu/encoder_kernels.inc"
#include "sam/cpu/training_kernels.inc"

#define LANDSEAM_TEXT_OF(name) #name
#define LANDSEAM_TEXT(name) LANDSEAM_TEXT_OF(name)

namespace landseam::sam::cpu::LANDSEAM_ISA {

extern const Kernels kernels;
const Kernels kernels{LANDSEAM_TEXT(LANDSEAM_ISA), decoder_kernels, encoder_kernels, training_kernels};

}  // namespace landseam::sam::cpu::LANDSEAM_ISA
