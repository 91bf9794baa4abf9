// What a run says of itself while it goes on.
#pragma once

#include "landseam/core/progress.h"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace landseam::pipeline {

// Passes everything on, and keeps warnings and how long each phase took.
class RunRecord : public Progress {
public:
    struct Phase {
        std::string name;
        std::int64_t steps = 0;
        double seconds = 0;
    };

    explicit RunRecord(Progress& progress) : progress_(progress) {}

    void begin(const std::string& phase, std::int64_t total) override;
    void update(std::int64_t done, const std::string& note) override { progress_.update(done, note); }
    void end() override;
    void warn(const std::string& message) override;

    std::vector<Phase> phases() const;
    std::vector<std::string> warnings() const;
    double seconds() const;  // since this was made

private:
    using Clock = std::chrono::steady_clock;
    static double between(Clock::time_point a, Clock::time_point b) {
        return std::chrono::duration<double>(b - a).count();
    }

    Progress& progress_;
    const Clock::time_point start_ = Clock::now();
    mutable std::mutex mutex_;
    Clock::time_point phase_start_;
    std::vector<Phase> phases_;
    std::vector<std::string> warnings_;
};

}  // namespace landseam::pipeline
