#include "sam/whole_file.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <random>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace landseam::sam {
namespace {

// A name that no other thread, process or machine makes at the same moment.
std::string temporary_name(const std::string& path) {
    static std::atomic<unsigned> counter{0};
    static const unsigned process = std::random_device{}();
    return path + "." + std::to_string(process) + "-" + std::to_string(getpid()) + "-" +
           std::to_string(counter++) + ".tmp";
}

}  // namespace

WholeFile::WholeFile(std::string path)
    : path_(std::move(path)),
      temporary_(temporary_name(path_)),
      file_(open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
    if (file_ < 0) error_ = errno;
}

WholeFile::~WholeFile() {
    if (file_ < 0) return;
    close(file_);
    std::remove(temporary_.c_str());
}

void WholeFile::write(const void* data, std::size_t size) {
    const char* at = static_cast<const char*>(data);
    while (size > 0 && error_ == 0) {
        const ssize_t written = ::write(file_, at, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            error_ = written < 0 ? errno : ENOSPC;
            return;
        }
        at += written;
        size -= static_cast<std::size_t>(written);
    }
}

bool WholeFile::keep(bool durably) {
    if (error_ == 0 && durably && fsync(file_) != 0) error_ = errno;
    if (file_ >= 0 && close(std::exchange(file_, -1)) != 0 && error_ == 0) error_ = errno;
    if (error_ == 0 && std::rename(temporary_.c_str(), path_.c_str()) != 0) error_ = errno;
    if (error_ != 0) std::remove(temporary_.c_str());
    errno = error_;
    return error_ == 0;
}

bool can_write_into(const std::string& folder) {
    const std::string probe = temporary_name(folder + "/probe");
    const int file = open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) return false;
    close(file);
    return std::remove(probe.c_str()) == 0;
}

}  // namespace landseam::sam
