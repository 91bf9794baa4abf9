#include "output/staged_output.h"

#include "landseam/core/error.h"

#include "output/gdal_session.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

namespace landseam::output {
namespace fs = std::filesystem;
namespace {

// Data must be on the disk before the name is, or a crash leaves an empty output.
void flush_to_disk(const fs::path& file, const std::string& target) {
    const int descriptor = ::open(file.c_str(), O_RDONLY);
    const bool flushed = descriptor >= 0 && (::fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS);
    const std::string reason = std::strerror(errno);
    if (descriptor >= 0) ::close(descriptor);
    if (!flushed) throw write_error(target, reason);
}

constexpr const char* folder_prefix = ".landseam-";

// A lock on a folder that ends with the process, however that ends.
int lock_folder(const fs::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0 && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    const int reason = errno;
    if (descriptor >= 0) ::close(descriptor);
    errno = reason;
    return -1;
}

// Removes what processes that were killed left in this folder. A file system without locks keeps it.
void remove_abandoned(const fs::path& parent) {
    std::error_code unknown;
    for (const fs::directory_entry& entry : fs::directory_iterator(parent, unknown)) {
        if (entry.path().filename().string().rfind(folder_prefix, 0) != 0 || entry.is_symlink(unknown)) continue;
        const int lock = lock_folder(entry.path());
        if (lock < 0) continue;
        fs::remove_all(entry.path(), unknown);
        ::close(lock);
    }
}

}  // namespace

StagedOutput::StagedOutput(const std::string& path, bool overwrite, std::vector<std::string> companions)
    : target_(path), overwrite_(overwrite), companions_(std::move(companions)) {
    if (path.compare(0, 4, "/vsi") == 0)
        throw Error(path, "outputs are written to local files only", "give a path on this machine",
                    ErrorKind::usage);
    std::error_code unknown;  // what cannot be looked at is for mkdtemp to complain about
    if (target_.filename().empty() || fs::is_directory(target_, unknown))
        throw Error(path, "is a folder, not a file", "give the name of a file in it", ErrorKind::usage);
    const fs::path parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
    if (fs::status(parent, unknown).type() == fs::file_type::not_found ||
        fs::is_regular_file(parent, unknown))
        throw Error(path, "there is no folder '" + parent.string() + "'", "create it first");
    if (fs::exists(target_, unknown) && !fs::is_regular_file(target_, unknown))
        throw Error(path, "is not a regular file", "give another name");
    if (!overwrite_) refuse_existing();
    remove_abandoned(parent);
    for (int attempt = 0; attempt < 10; ++attempt) {
        std::string name = (parent / (folder_prefix + std::string("XXXXXX"))).string();
        if (!::mkdtemp(name.data()))
            throw Error(path, "cannot write into the folder '" + parent.string() + "': " + std::strerror(errno),
                        "write to another folder", errno == ENOSPC ? ErrorKind::passing : ErrorKind::failed);
        folder_ = name;
        lock_ = lock_folder(folder_);
        // Another process may have taken the folder for an abandoned one before it was locked.
        const bool taken = lock_ >= 0 ? !fs::exists(folder_, unknown) : errno == EWOULDBLOCK;
        if (!taken) return;
        if (lock_ >= 0) ::close(lock_);
    }
    throw Error(path, "cannot keep a folder in '" + parent.string() + "'", "write to another folder");
}

StagedOutput::~StagedOutput() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    if (lock_ >= 0) ::close(lock_);
}

void StagedOutput::refuse_existing() const {
    const auto refuse = [](const fs::path& file) {
        std::error_code unknown;
        if (fs::exists(fs::symlink_status(file, unknown)))
            throw Error(file.string(), "exists already", "give another name, or --overwrite to replace it");
    };
    refuse(target_);
    for (const std::string& companion : companions_) refuse(target_.parent_path() / companion);
}

std::vector<fs::path> StagedOutput::staged_names() const {
    std::vector<fs::path> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    const auto main = std::find(names.begin(), names.end(), target_.filename());
    if (main == names.end()) throw write_error(target_.string(), "no file was made");
    std::rotate(main, main + 1, names.end());
    return names;
}

void StagedOutput::publish() {
    if (!overwrite_) refuse_existing();  // somebody may have come first
    const std::vector<fs::path> names = staged_names();
    for (const fs::path& name : names) flush_to_disk(folder_ / name, target_.string());

    const fs::path place = target_.parent_path(), aside = folder_ / "replaced";
    std::vector<fs::path> old(companions_.begin(), companions_.end()), moved_aside, moved_in;
    if (names.size() > 1) old.push_back(target_.filename());
    try {
        fs::create_directory(aside);
        for (const fs::path& name : old)
            if (fs::exists(fs::symlink_status(place / name))) {
                fs::rename(place / name, aside / name);
                moved_aside.push_back(name);
            }
        for (const fs::path& name : names) {
            fs::rename(folder_ / name, place / name);
            moved_in.push_back(name);
        }
    } catch (const fs::filesystem_error& error) {
        std::error_code ignored;
        for (const fs::path& name : moved_in) fs::rename(place / name, folder_ / name, ignored);
        for (const fs::path& name : moved_aside) fs::rename(aside / name, place / name, ignored);
        throw write_error(target_.string(), error.code().message());
    }
}

}  // namespace landseam::output
