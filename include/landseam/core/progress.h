// Progress and warnings, kept apart from where they are shown.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace landseam {

// Receives what a long job has to say. Calls may come from any thread; implementations lock.
class Progress {
public:
    virtual ~Progress() = default;
    // A phase of `total` steps begins ("tiles", 170). Phases follow one another.
    virtual void begin(const std::string& phase, std::int64_t total) = 0;
    // `done` steps so far, and a short note ("1234 segments"), which may be empty.
    virtual void update(std::int64_t done, const std::string& note) = 0;
    virtual void end() = 0;
    virtual void warn(const std::string& message) = 0;
};

// Shows nothing.
std::shared_ptr<Progress> silent_progress();
// Shows a bar with ETA on stderr where that is a terminal, else a plain line now and then; warnings always.
std::shared_ptr<Progress> console_progress();
// Only warnings on stderr.
std::shared_ptr<Progress> quiet_progress();

}  // namespace landseam
