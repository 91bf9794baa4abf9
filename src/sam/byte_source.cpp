#include "sam/byte_source.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace landseam::sam {
namespace {

class FileSource : public ByteSource {
public:
    FileSource(const std::string& path, int descriptor, std::uint64_t size)
        : ByteSource(path, size), descriptor_(descriptor) {}
    ~FileSource() override { ::close(descriptor_); }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

private:
    void do_read(std::uint64_t begin, std::size_t length, void* to) const override {
        auto* out = static_cast<unsigned char*>(to);
        while (length > 0) {
            // Linux reads at most 2 GiB at once; smaller pieces keep other systems happy too.
            const std::size_t piece = std::min<std::size_t>(length, std::size_t{1} << 30);
            const ssize_t got = ::pread(descriptor_, out, piece, static_cast<off_t>(begin));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0)
                throw Error(name(), std::string("cannot be read (") + std::strerror(errno) + ")",
                            "check the disk or copy the file to a local one");
            if (got == 0)
                throw Error(name(), "became shorter while it was read", "leave it alone while in use");
            out += got;
            begin += static_cast<std::uint64_t>(got);
            length -= static_cast<std::size_t>(got);
        }
    }

    int descriptor_;
};

class MemorySource : public ByteSource {
public:
    MemorySource(const void* data, std::size_t size, const std::string& name)
        : ByteSource(name, size), data_(static_cast<const unsigned char*>(data)) {}

private:
    void do_read(std::uint64_t begin, std::size_t length, void* to) const override {
        std::memcpy(to, data_ + begin, length);
    }

    const unsigned char* data_;
};

}  // namespace

std::shared_ptr<const ByteSource> ByteSource::file(const std::string& path) {
    if (path.find('\0') != std::string::npos) throw Error(printable(path), "is not a file name");
    // O_NONBLOCK: a named pipe must be refused below, not waited for.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        throw Error(path, std::string("cannot be opened (") + std::strerror(errno) + ")",
                    "check the path and its permissions");
    struct stat status {};
    const bool known = ::fstat(descriptor, &status) == 0;
    if (!known || !S_ISREG(status.st_mode)) {
        ::close(descriptor);
        throw Error(path, known && S_ISDIR(status.st_mode) ? "is a folder" : "is not a regular file",
                    "name a weights file (.pth, .pt or .safetensors)");
    }
    return std::make_shared<FileSource>(path, descriptor, static_cast<std::uint64_t>(status.st_size));
}

std::shared_ptr<const ByteSource> ByteSource::memory(const void* data, std::size_t size,
                                                     const std::string& name) {
    return std::make_shared<MemorySource>(data, size, name);
}

void ByteSource::read(std::uint64_t begin, std::size_t length, void* to) const {
    if (!contains(begin, length)) throw Error(name_, "ends too early", "download or copy it again");
    if (length > 0) do_read(begin, length, to);
}

std::vector<unsigned char> ByteSource::read(std::uint64_t begin, std::size_t length) const {
    if (!contains(begin, length)) throw Error(name_, "ends too early", "download or copy it again");
    std::vector<unsigned char> bytes(length);
    read(begin, length, bytes.data());
    return bytes;
}

std::string printable(const char* text, std::size_t size) {
    constexpr std::size_t longest = 80;
    std::string shown(text, std::min(size, longest));
    for (char& c : shown)
        if (c < ' ' || c > '~') c = '?';
    if (size > longest) shown += "...";
    return shown;
}

}  // namespace landseam::sam
