#include "pipeline/memory_budget.h"

#include "pipeline/memory_size.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

#include <unistd.h>

namespace landseam::pipeline {
namespace {

// The number behind `key` in a file of lines "key number", "key: number" and the like; an empty key: the
// first word.
std::optional<std::int64_t> number_in(const std::string& path, const std::string& key = "") {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string first;
        std::int64_t number = 0;
        if (!key.empty() && (!(words >> first) || first != key)) continue;
        if (words >> number && number >= 0) return number;
        return {};  // "max", say
    }
    return {};
}

struct ControlGroupFiles {
    const char *limit, *usage, *reclaimable;  // the last one a key in memory.stat
};

constexpr ControlGroupFiles version_1{"/memory.limit_in_bytes", "/memory.usage_in_bytes",
                                      "total_inactive_file"};
constexpr ControlGroupFiles version_2{"/memory.max", "/memory.current", "inactive_file"};

std::optional<std::int64_t> left_in(const std::string& folder, const ControlGroupFiles& files) {
    const auto limit = number_in(folder + files.limit);
    const auto usage = number_in(folder + files.usage);
    if (!limit || !usage) return {};
    const std::int64_t reclaimable = number_in(folder + "/memory.stat", files.reclaimable).value_or(0);
    return std::max<std::int64_t>(0, *limit - std::max<std::int64_t>(0, *usage - reclaimable));
}

// The least that is left in the control group `group` ("/a/b") below `mount` and in all around it. In a
// container `group` may be a path of the host's that is not there; its own limits then stand in `mount`
// itself.
std::optional<std::int64_t> least_left(const std::string& mount, std::string group,
                                       const ControlGroupFiles& files) {
    std::optional<std::int64_t> least;
    for (;;) {
        if (const auto left = left_in(mount + group, files)) least = std::min(*left, least.value_or(*left));
        if (group.empty()) return least;
        group.erase(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
    }
}

}  // namespace

std::optional<std::int64_t> available_memory(const std::string& root) {
    std::optional<std::int64_t> least = number_in(root + "/proc/meminfo", "MemAvailable:");
    if (least) *least *= 1024;
    const auto respect = [&](const std::optional<std::int64_t>& left) {
        if (left) least = std::min(*left, least.value_or(*left));
    };
    // Lines "number:controllers:/group"; version 2 is number 0 without controllers (cgroups(7)).
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string group = line.substr(second + 1);
        if (controllers == ",,") respect(least_left(root + "/sys/fs/cgroup", group, version_2));
        if (controllers.find(",memory,") != std::string::npos)
            respect(least_left(root + "/sys/fs/cgroup/memory", group, version_1));
    }
    return least;
}

std::int64_t held_memory() {
    std::ifstream file("/proc/self/statm");  // pages: size, resident, ...
    std::int64_t size = 0, resident = 0;
    return file >> size >> resident ? resident * sysconf(_SC_PAGESIZE) : 0;
}

std::string TileSchedule::describe() const {
    std::string text = std::to_string(tiles_at_once) + (tiles_at_once == 1 ? " tile" : " tiles") +
                       " at once, about " + memory_text(tile_memory) + " each";
    if (budget > 0) text += ", of " + memory_text(budget);
    return text;
}

TileSchedule plan_tiles(int tiles, int threads, const MemoryNeeds& needs, std::int64_t budget) {
    TileSchedule schedule;
    schedule.threads = threads;
    schedule.tile_memory = needs.tile;
    schedule.budget = budget;
    const int wanted = std::clamp(threads, 1, std::max(tiles, 1));
    const auto memory_of = [&](int at_once) {
        return needs.fixed + at_once * needs.tile + (threads - at_once) * needs.helper;
    };
    schedule.tiles_at_once = wanted;
    while (budget > 0 && schedule.tiles_at_once > 1 && memory_of(schedule.tiles_at_once) > budget)
        --schedule.tiles_at_once;
    schedule.memory = memory_of(schedule.tiles_at_once);
    schedule.fits = budget <= 0 || schedule.memory <= budget;
    return schedule;
}

}  // namespace landseam::pipeline
