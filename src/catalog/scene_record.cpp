#include "catalog/scene_record.h"

#include "catalog/times.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace landseam::catalog {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t longest_log = 20;

std::string host_name() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return name;
}

// Which job of which engine this is.
std::string job_name() {
    for (const char* variable : {"SLURM_JOB_ID", "AWS_BATCH_JOB_ID", "HOSTNAME"})
        if (const char* value = std::getenv(variable); value && *value)
            return std::string(variable) + "=" + value;
    return "";
}

}  // namespace

json read_status(const std::string& scene_folder) {
    json status = json::parse(read_whole_file(scene_folder + "/status.json"), nullptr, false);
    return status.is_object() ? status : json::object();
}

bool is_locked(const std::string& scene_folder) {
    const int file = ::open((scene_folder + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const bool locked = ::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(file);
    return locked;
}

SceneLock::SceneLock(const std::string& scene_folder) {
    std::error_code failed;
    fs::create_directories(scene_folder, failed);
    const std::string path = scene_folder + "/lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0)
        throw Error(path, std::string("cannot be written: ") + std::strerror(errno),
                    "check that the plan's folder is writable",
                    errno == ENOSPC || errno == EDQUOT ? ErrorKind::passing : ErrorKind::failed);
    const auto until = Clock::now() + std::chrono::seconds(3);
    while (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        if (Clock::now() > until) {
            ::close(file_);
            file_ = -1;
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

SceneLock::~SceneLock() {
    if (file_ >= 0) ::close(file_);
}

SceneRecord::SceneRecord(const Plan& plan, const Scene& scene)
    : folder_(plan.scene_folder(scene.index)), status_(read_status(folder_)) {
    // Of another plan in the same folder.
    if (status_.value("plan", plan.hash) != plan.hash || status_.value("id", scene.id) != scene.id)
        status_ = json::object();
    status_["index"] = scene.index;
    status_["id"] = scene.id;
    status_["plan"] = plan.hash;
}

bool SceneRecord::is_done() const {
    if (state() != "done") return false;
    return raster::local_file_size(folder_ + "/segments.gpkg") ==
           status_.value("output_bytes", std::int64_t{-1});
}

double SceneRecord::seconds() const {
    return std::chrono::duration<double>(Clock::now() - begun_).count();
}

void SceneRecord::write() {
    status_["log"] = log_;
    status_["written"] = now_text();
    status_["seconds"] = seconds();
    write_whole_file(folder_ + "/status.json",
                     status_.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
    written_ = Clock::now();
}

void SceneRecord::begin() {
    const std::lock_guard<std::mutex> lock(mutex_);
    begun_ = Clock::now();
    status_["state"] = "running";
    status_["attempts"] = status_.value("attempts", 0) + 1;
    status_["started"] = now_text();
    status_["landseam"] = LANDSEAM_VERSION;
    status_["host"] = host_name();
    status_["process"] = ::getpid();
    if (const std::string job = job_name(); !job.empty()) status_["job"] = job;
    for (const char* old : {"error", "tiles_done", "ended"}) status_.erase(old);
    write();
}

void SceneRecord::tiles(std::int64_t done, std::int64_t total) {
    const std::lock_guard<std::mutex> lock(mutex_);
    status_["tiles"] = total;
    status_["tiles_done"] = done;
    if (Clock::now() - written_ > std::chrono::seconds(1)) write();
}

void SceneRecord::log(const std::string& message) {
    const std::lock_guard<std::mutex> lock(mutex_);
    log_.push_back(now_text() + " " + message.substr(0, 1000));
    if (log_.size() > longest_log) log_.pop_front();
}

void SceneRecord::finish(const json& result) {
    const std::lock_guard<std::mutex> lock(mutex_);
    status_.update(result);
    status_["state"] = "done";
    status_["ended"] = now_text();
    status_["times_done"] = status_.value("times_done", 0) + 1;
    write();
}

void SceneRecord::fail(const std::string& message, bool passing) {
    log(message);
    const std::lock_guard<std::mutex> lock(mutex_);
    status_["state"] = passing ? "waiting" : "failed";
    status_["error"] = message;
    status_["ended"] = now_text();
    write();
}

}  // namespace landseam::catalog
