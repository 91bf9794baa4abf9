#include "pipeline/run_record.h"

namespace landseam::pipeline {

void RunRecord::begin(const std::string& phase, std::int64_t total) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        phases_.push_back({phase, total, 0});
        phase_start_ = Clock::now();
    }
    progress_.begin(phase, total);
}

void RunRecord::end() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!phases_.empty()) phases_.back().seconds = between(phase_start_, Clock::now());
    }
    progress_.end();
}

void RunRecord::warn(const std::string& message) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        warnings_.push_back(message);
    }
    progress_.warn(message);
}

std::vector<RunRecord::Phase> RunRecord::phases() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return phases_;
}

std::vector<std::string> RunRecord::warnings() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return warnings_;
}

double RunRecord::seconds() const {
    return between(start_, Clock::now());
}

}  // namespace landseam::pipeline
