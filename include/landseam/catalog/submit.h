// Job files for engines that run many tasks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::catalog {

struct SubmitOptions {
    std::string folder;   // of the plan
    std::string engine;   // "slurm" or "parallel"
    std::string program;  // landseam itself
    int jobs = 0;         // tasks at once; 0: the engine's own choice
    int threads = 1;      // of each task
    std::string memory;   // of each, as "4G"; empty: from the plan, with a margin
    int minutes = 0;      // limit of each; 0: from the plan, with a margin
    int requeues = 3;     // of a task that ends with 75 or dies
    bool retry_failed = false;
    std::string output;  // layer that a job after all tasks merges to; empty: none
    bool submit = true;  // else the files are only written

    void validate() const;
};

struct SubmitReport {
    std::vector<std::string> files;
    std::int64_t tasks = 0;  // with scenes that are not done
    std::string answer;      // of the engine
};

// Writes plain scripts, meant to be read and edited, to FOLDER/jobs, for those tasks that have scenes which
// are not done, and hands them to the engine. Throws Error: nothing is left to do, the engine is not there or
// refuses.
SubmitReport submit_batch(const SubmitOptions& options);

}  // namespace landseam::catalog
