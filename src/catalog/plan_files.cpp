#include "catalog/plan_files.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

namespace landseam::catalog {

std::string Plan::scene_folder(std::int64_t index) const {
    char name[40];
    std::snprintf(name, sizeof name, "/scenes/%03lld/%06lld", static_cast<long long>(index / 1000),
                  static_cast<long long>(index));
    return folder + name;
}

std::string read_whole_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    return text.str();
}

void write_whole_file(const std::string& path, const std::string& text) {
    const std::string temporary = path + ".tmp" + std::to_string(::getpid());
    const auto fail = [&]() {
        const int reason = errno;
        std::remove(temporary.c_str());
        throw Error(path, std::string("cannot be written: ") + std::strerror(reason),
                    "check that the folder is writable and has room",
                    reason == ENOSPC || reason == EDQUOT ? ErrorKind::passing : ErrorKind::failed);
    };
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) fail();
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = ::write(file, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const int reason = errno;
            ::close(file);
            errno = reason;
            fail();
        }
        done += static_cast<std::size_t>(count);
    }
    const bool kept = ::fsync(file) == 0;
    if (::close(file) != 0 || !kept || std::rename(temporary.c_str(), path.c_str()) != 0) fail();
}

Plan read_plan(const std::string& folder) {
    const std::string path = folder + "/plan.json", scenes = folder + "/scenes.jsonl";
    if (!std::filesystem::exists(path))
        throw Error(folder, "holds no plan", "make one with 'landseam batch plan SOURCE… " + folder + "'");
    Plan plan;
    plan.folder = folder;
    std::int64_t size = 0;
    try {
        const json document = json::parse(read_whole_file(path));
        if (document.at("plan_version") != 1)
            throw Error(path, "is of another version of landseam", "plan again into a new folder");
        document.at("scenes").get_to(plan.scenes);
        document.at("chunk").get_to(plan.chunk);
        document.at("tasks").get_to(plan.tasks);
        document.at("scenes_hash").get_to(plan.hash);
        document.at("scenes_size").get_to(size);
        document.at("arguments").get_to(plan.arguments);
        document.at("database").get_to(plan.database);
        plan.seconds = document.at("cost").at("seconds");
        plan.largest_task = document.at("cost").at("largest_task_seconds");
        plan.memory = document.at("cost").at("memory");
    } catch (const json::exception& error) {
        throw Error(path, std::string("is no plan of landseam (") + error.what() + ")",
                    "plan again into a new folder");
    }
    if (plan.scenes < 1 || plan.chunk < 1 || plan.tasks != (plan.scenes + plan.chunk - 1) / plan.chunk)
        throw Error(path, "is no plan of landseam (its numbers do not agree)",
                    "plan again into a new folder");
    if (raster::local_file_size(scenes) != size || raster::hash_of_file(scenes) != plan.hash)
        throw Error(scenes, "was changed after it was planned", "plan again into a new folder");
    return plan;
}

void for_each_scene(const Plan& plan, std::int64_t first, std::int64_t end,
                    const std::function<void(Scene)>& take) {
    const std::string path = plan.folder + "/scenes.jsonl";
    std::ifstream file(path, std::ios::binary);
    std::string line;
    for (std::int64_t index = 0; index < end; ++index) {
        if (!std::getline(file, line)) throw Error(path, "ends too early", "plan again into a new folder");
        if (index < first) continue;
        try {
            take(scene_from(json::parse(line)));
        } catch (const json::exception& error) {
            throw Error(path, std::string("is not what was planned (") + error.what() + ")",
                        "plan again into a new folder");
        }
    }
}

}  // namespace landseam::catalog
