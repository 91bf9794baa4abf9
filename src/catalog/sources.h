// What users name as sources: files, folders, patterns, lists, tables, STAC.
#pragma once

#include "landseam/core/progress.h"

#include "catalog/scene_choice.h"
#include "catalog/stac.h"

#include <string>

namespace landseam::catalog {

class SourceReader {
public:
    SourceReader(SceneChoice& choice, Progress& progress);

    // Throws Error: it is none of those, cannot be read, or holds nothing.
    void read(const std::string& source, int depth = 0);
    std::int64_t documents() const { return walk_.documents(); }

private:
    void read_folder(const std::string& folder);
    void read_pattern(const std::string& pattern);
    void read_list(const std::string& path, int depth);
    void read_csv(const std::string& path);
    // What is not on this machine is not opened.
    void offer_raster(const std::string& path, const std::string& source, Candidate candidate = {});

    SceneChoice& choice_;
    Progress& progress_;
    StacWalk walk_;
};

}  // namespace landseam::catalog
