// The lines of a large file one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct Line {
    std::string text;         // without its line break
    std::int64_t offset = 0;  // of its first byte in the file
    std::int64_t number = 0;  // from 1
    bool ended = false;       // by a line break; the last line of a file may not be
};

// Lines of at most 64 MiB.
class LineReader {
public:
    // Reads the open file from its start; `path` is for messages.
    LineReader(std::string path, int file);

    // The next line that is not blank; false at the end. Throws Error for a line that is too long and for
    // what cannot be read.
    bool next(Line& line);

private:
    bool next_of_any_kind(Line& line);
    bool fill();

    std::string path_;
    int file_;
    std::vector<char> buffer_;
    std::size_t used_ = 0, filled_ = 0;
    std::int64_t offset_ = 0, number_ = 0;
};

}  // namespace landseam::pipeline
