#include "landseam/sam/default_checkpoint.h"

// Defined in default_checkpoint.S.
extern "C" const char landseam_default_checkpoint_begin[];
extern "C" const char landseam_default_checkpoint_end[];

namespace landseam::sam {

DefaultCheckpoint default_checkpoint() {
    const char* begin = landseam_default_checkpoint_begin;
    return {begin, static_cast<std::size_t>(landseam_default_checkpoint_end - begin), 0.3, 0.3, 16};
}

}  // namespace landseam::sam
