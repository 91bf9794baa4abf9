#include "landseam/pipeline/machine.h"

#include "pipeline/memory_budget.h"
#include "pipeline/memory_size.h"
#include "pipeline/threads.h"

namespace landseam::pipeline {

int threads_of_machine(int threads) {
    return threads_or_cores(threads);
}

std::int64_t memory_of_machine(const std::string& max_memory) {
    if (!max_memory.empty()) return parse_memory_size("--max-memory", max_memory);
    return available_memory().value_or(0) / 4 * 3;
}

}  // namespace landseam::pipeline
