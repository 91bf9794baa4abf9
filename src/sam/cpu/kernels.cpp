#include "sam/cpu/kernels.h"

namespace landseam::sam::cpu {

namespace baseline {
extern const Kernels kernels;
}

#ifdef LANDSEAM_X86
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
#endif

std::vector<const Kernels*> runnable_kernels() {
    std::vector<const Kernels*> sets{&baseline::kernels};
#ifdef LANDSEAM_X86
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return sets;
    sets.push_back(&avx2::kernels);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        sets.push_back(&avx512::kernels);
#endif
    return sets;
}

const Kernels& kernels() {
    static const Kernels& best = *runnable_kernels().back();
    return best;
}

}  // namespace landseam::sam::cpu
