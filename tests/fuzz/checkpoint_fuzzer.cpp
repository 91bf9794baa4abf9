// LANDSEAM_FUZZED names which of the targets this is built as: "file", "pickle" or "safetensors".
#include "fuzz/checkpoint_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    landseam::sam::fuzz::read_as(LANDSEAM_FUZZED, std::string(reinterpret_cast<const char*>(data), size));
    return 0;
}
