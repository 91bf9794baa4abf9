#include "pipeline/line_reader.h"

#include "landseam/core/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace landseam::pipeline {
namespace {

constexpr std::size_t longest_line = std::size_t{64} << 20;
constexpr std::size_t read_at_once = std::size_t{1} << 20;

}  // namespace

LineReader::LineReader(std::string path, int file)
    : path_(std::move(path)), file_(file), buffer_(read_at_once) {}

bool LineReader::next(Line& line) {
    while (next_of_any_kind(line))
        if (line.text.find_first_not_of(" \t\r") != std::string::npos) return true;
    return false;
}

bool LineReader::next_of_any_kind(Line& line) {
    line = {{}, offset_, ++number_, false};
    while (!line.ended) {
        const char* begin = buffer_.data() + used_;
        const auto* end = static_cast<const char*>(std::memchr(begin, '\n', filled_ - used_));
        line.ended = end != nullptr;
        const std::size_t length = end ? static_cast<std::size_t>(end - begin) : filled_ - used_;
        line.text.append(begin, length);
        used_ += length + (end ? 1 : 0);
        offset_ += static_cast<std::int64_t>(length) + (end ? 1 : 0);
        if (line.text.size() > longest_line)
            throw Error(path_ + ":" + std::to_string(line.number),
                        "the line is longer than " + std::to_string(longest_line >> 20) + " MiB",
                        "write compressed counts, or smaller tiles");
        if (!end && !fill()) return !line.text.empty();
    }
    return true;
}

bool LineReader::fill() {
    const ssize_t read = ::pread(file_, buffer_.data(), buffer_.size(), offset_);
    if (read < 0) throw Error(path_, std::string("cannot be read: ") + std::strerror(errno));
    used_ = 0;
    filled_ = static_cast<std::size_t>(read);
    return filled_ > 0;
}

}  // namespace landseam::pipeline
