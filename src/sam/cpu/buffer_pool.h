// Working memory that is used again: fresh pages from the system would cost as much as the work done on them.
#pragma once

#include <cstddef>
#include <memory>

namespace landseam::sam::cpu {

// Values aligned to 64 bytes, their contents left over from earlier use. Goes back to its pool when the last
// copy is gone, even where the pool is gone before.
using Buffer = std::shared_ptr<float>;

// Safe to use from several threads. Keeps no more than were in use at once.
class BufferPool {
public:
    BufferPool();
    Buffer take(std::size_t count) const;

private:
    struct Shelf;
    std::shared_ptr<Shelf> shelf_;
};

}  // namespace landseam::sam::cpu
