// What is known of one scene's work: its status file and its lock.
#pragma once

#include "landseam/core/error.h"

#include "catalog/plan_files.h"

#include <chrono>
#include <deque>
#include <mutex>
#include <string>

namespace landseam::catalog {

// States in status.json: running, done, failed (for good), waiting (a passing fault). No file: nothing has
// begun.
json read_status(
    const std::string& scene_folder);  // an empty object where there is none, or none that is whole

// Whether a process works on the scene.
bool is_locked(const std::string& scene_folder);

// Held while this lives; freed by the system, too, when the process dies.
class SceneLock {
public:
    // Makes the folder where it is missing. Waits some seconds for a process that is just ending.
    explicit SceneLock(const std::string& scene_folder);
    ~SceneLock();
    SceneLock(const SceneLock&) = delete;
    SceneLock& operator=(const SceneLock&) = delete;
    bool held() const { return file_ >= 0; }

private:
    int file_ = -1;
};

// Writes the status file while the work goes on. Members may be called from several threads.
class SceneRecord {
public:
    SceneRecord(const Plan& plan, const Scene& scene);

    std::string state() const { return status_.value("state", ""); }
    // Whether it is done, and its layer is still there as it was written.
    bool is_done() const;

    void begin();  // an attempt
    void tiles(std::int64_t done, std::int64_t total);
    void log(const std::string& message);
    void finish(const json& result);  // done
    void fail(const std::string& message, bool passing);
    std::string error() const { return status_.value("error", ""); }

private:
    void write();
    double seconds() const;

    std::string folder_;
    json status_;
    std::deque<std::string> log_;
    std::mutex mutex_;
    std::chrono::steady_clock::time_point begun_, written_;
};

}  // namespace landseam::catalog
