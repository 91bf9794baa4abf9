// Outputs that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace landseam::output {

// A hidden folder beside the output, in which its files are made under their final names; publish() moves
// them into place, the destructor removes what is left. What a killed process has left is removed by the next one that
// writes beside it.
class StagedOutput {
public:
    // `companions` are names of files beside the output that belong to it (a Shapefile's .dbf, a GeoPackage's
    // -wal): with `overwrite` they give way to the new files, without it they must not exist, like the output
    // itself. Throws Error: the output or its folder cannot be used.
    StagedOutput(const std::string& path, bool overwrite, std::vector<std::string> companions = {});
    ~StagedOutput();
    StagedOutput(const StagedOutput&) = delete;
    StagedOutput& operator=(const StagedOutput&) = delete;

    // Where to write the file that shall become the output.
    std::string path() const { return (folder_ / target_.filename()).string(); }
    // Moves every file of the folder to its place. A single file replaces an old one in one step; of several,
    // the main one comes last, and if one cannot be moved, the old ones come back. Throws Error.
    void publish();

private:
    void refuse_existing() const;
    std::vector<std::filesystem::path> staged_names() const;

    std::filesystem::path target_;
    std::filesystem::path folder_;
    int lock_ = -1;  // on the folder; −1 where the file system has no locks
    bool overwrite_;
    std::vector<std::string> companions_;
};

}  // namespace landseam::output
