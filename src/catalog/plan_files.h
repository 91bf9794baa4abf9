// The files of a batch: the plan, and a folder for each scene.
#pragma once

#include "catalog/scene.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace landseam::catalog {

struct Plan {
    std::string folder;
    std::string hash;  // of the scenes
    std::int64_t scenes = 0;
    std::int64_t chunk = 1;  // scenes a task
    std::int64_t tasks = 0;
    std::vector<std::string> arguments;  // of `landseam segment`
    std::string database;
    double seconds = 0;       // see PlanReport
    double largest_task = 0;  // seconds of one thread, of the task that takes longest; 0: not known
    std::int64_t memory = 0;

    std::int64_t first_scene(std::int64_t task) const { return task * chunk; }
    std::int64_t end_scene(std::int64_t task) const { return std::min(scenes, (task + 1) * chunk); }
    // The folder of a scene's outputs: folder/scenes/000/000123.
    std::string scene_folder(std::int64_t index) const;
};

// Throws Error: no plan there, one of another version, one that was changed.
Plan read_plan(const std::string& folder);

// The scenes from `first` up to and without `end`, one after the other. Throws Error where the file is not
// what was planned.
void for_each_scene(const Plan& plan, std::int64_t first, std::int64_t end,
                    const std::function<void(Scene)>& take);

// Written whole or not at all, to the disk before it has its name. Throws Error; passing for a full disk.
void write_whole_file(const std::string& path, const std::string& text);
std::string read_whole_file(const std::string& path);  // empty where there is none

}  // namespace landseam::catalog
