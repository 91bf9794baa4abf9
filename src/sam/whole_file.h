// Files that appear whole or not at all: written under a temporary name and renamed.
#pragma once

#include <cstddef>
#include <string>

namespace landseam::sam {

class WholeFile {
public:
    explicit WholeFile(std::string path);
    ~WholeFile();  // removes what was written, unless it was kept
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;

    void write(const void* data, std::size_t size);

    // Gives the file its name, replacing one that has it; `durably`: once its bytes are on the disk. False,
    // and no such file, if this or anything before failed; errno tells why.
    bool keep(bool durably = false);

private:
    std::string path_, temporary_;
    int file_ = -1;
    int error_ = 0;
};

// True if a file can be made in the folder.
bool can_write_into(const std::string& folder);

}  // namespace landseam::sam
