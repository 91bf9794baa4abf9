// The CSV that a run keeps of itself.
#pragma once

#include "landseam/sam/trainer.h"

#include <fstream>
#include <string>

namespace landseam::sam::training {

class RunLog {
public:
    // Keeps the lines of a file up to and including `last_step`; what came after it is done again.
    RunLog(const std::string& path, std::int64_t last_step);

    void add(const TrainProgress& progress);

private:
    std::ofstream file_;
};

}  // namespace landseam::sam::training
