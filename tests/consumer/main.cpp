// What a program that uses an installed landseam looks like.
#include <landseam/core/run_mask.h>
#include <landseam/pipeline/describe.h>
#include <landseam/vectors/trace.h>

#include <cstdio>

int main() {
    const landseam::RunMask mask = landseam::RunMask::from_box({2, 3, 4, 5});
    const double outlined = landseam::area(landseam::vectors::trace(mask));
    std::fputs(landseam::pipeline::list_presets().c_str(), stdout);
    return outlined == 20 ? 0 : 1;
}
