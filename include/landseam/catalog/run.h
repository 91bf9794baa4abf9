// Working off a plan: one task at a time anywhere, or all of them on this machine.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/pipeline/classify_scene.h"
#include "landseam/pipeline/segment_scene.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace landseam::catalog {

// What `landseam batch plan` was told about segmenting.
std::vector<std::string> planned_arguments(const std::string& folder);

struct TaskOptions {
    std::string folder;                 // of the plan
    std::optional<std::int64_t> task;   // its number, from 0 …
    std::optional<std::int64_t> scene;  // … or that of one scene
    pipeline::SegmentOptions
        segment;  // of planned_arguments, with the threads and the memory that this machine gives
    pipeline::ClassifySceneOptions classes;  // likewise; without a model: none are told
    int retries = 3;                         // after a passing fault, in this process
    double retry_delay =
        2;  // seconds before the first retry; twice as long before each further one, 300 at most
    bool retry_failed = false;  // try scenes again that failed for good
    bool thumbnails = true;

    void validate() const;
};

struct TaskReport {
    std::int64_t done = 0;
    std::int64_t skipped = 0;  // were done before
    std::int64_t failed = 0;   // for good
    std::int64_t waiting = 0;  // passing faults: worth another run
    std::string first_error;
};

// Works on the scenes of one task, one after the other. Each has a folder of its own in the plan's:
//   segments.gpkg, segments.gpkg.settings.json   the layer; they appear whole or not at all
//   thumbnail.png                                a small picture
//   status.json                                  state, times, counts, hash of the layer, attempts, error,
//   last messages work/                                        finished tiles, until the scene is done
// A scene that is done is left alone; one that was cut off goes on where it was. No two processes work on a
// scene at the same time (flock on `lock`); who comes second leaves it waiting. Where the plan names a
// database the scene's rows are put there in one transaction, replacing those of an earlier attempt, before
// the scene counts as done.
//
// Errors of scenes are reported, not thrown; throws Error where there is no such plan or task, passing once a
// stop was requested.
TaskReport run_task(const TaskOptions& options, Progress& progress);

struct RunOptions {
    std::string folder;
    std::string program;     // landseam itself: each scene gets a process of its own
    int jobs = 0;            // scenes at once; 0: as many as cores and memory allow
    int threads = 0;         // of all scenes together; 0: one a core
    std::string max_memory;  // of all scenes together, as "8G"; empty: three quarters of what is available
    int retries = 3;         // see TaskOptions; also after a scene's process died
    double retry_delay = 2;
    bool retry_failed = false;
    bool thumbnails = true;

    void validate() const;
};

// Works on all scenes of a plan on this machine. A scene is one process: one that dies, for want of memory
// say, takes no other with it, and memory goes back to the machine after each. Interrupted, it asks them to
// stop, waits for them and throws Error (passing); killed, it takes them with it. The same call goes on from
// there.
TaskReport run_batch(const RunOptions& options, Progress& progress);

// What `landseam batch status` prints, of nothing but the files.
struct StatusOptions {
    std::string folder;
    bool json = false;    // one object, with all scenes
    bool failed = false;  // list the scenes that failed or wait for another try
};
struct StatusReport {
    std::string text;
    bool complete = false;  // all scenes are done or failed for good
};
StatusReport batch_status(const StatusOptions& options);

}  // namespace landseam::catalog
