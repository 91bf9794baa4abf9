// Where a checkpoint's bytes come from: a file that is read piece by piece, or memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace landseam::sam {

// All reads are checked against `size()` before anything is allocated. A file is read with pread rather than
// mapped: one that shrinks or fails underneath us then gives an Error instead of a signal.
class ByteSource {
public:
    virtual ~ByteSource() = default;

    static std::shared_ptr<const ByteSource> file(const std::string& path);
    static std::shared_ptr<const ByteSource> memory(const void* data, std::size_t size,
                                                    const std::string& name);

    const std::string& name() const { return name_; }
    std::uint64_t size() const { return size_; }

    // True if the `length` bytes from `begin` all lie in the source.
    bool contains(std::uint64_t begin, std::uint64_t length) const {
        return begin <= size_ && length <= size_ - begin;
    }

    // Throws Error ("ends too early") unless contains(begin, length). Safe from several threads.
    void read(std::uint64_t begin, std::size_t length, void* to) const;
    std::vector<unsigned char> read(std::uint64_t begin, std::size_t length) const;

protected:
    ByteSource(std::string name, std::uint64_t size) : name_(std::move(name)), size_(size) {}

private:
    virtual void do_read(std::uint64_t begin, std::size_t length, void* to) const = 0;

    std::string name_;
    std::uint64_t size_;
};

// Text from a file made fit for a message: at most 80 characters, '?' for those that are not printable ASCII.
std::string printable(const char* text, std::size_t size);
inline std::string printable(const std::string& text) {
    return printable(text.data(), text.size());
}

}  // namespace landseam::sam
