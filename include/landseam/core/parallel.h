// How a stage that may not know about threads is given some.
#pragma once

#include <cstddef>
#include <functional>

namespace landseam {

// Calls body(0) … body(count − 1), in any order, on any threads, and returns when all are done. The first exception
// thrown by a body is rethrown.
using ParallelFor = std::function<void(std::size_t count, const std::function<void(std::size_t)>& body)>;

// One after the other on the calling thread.
inline void serial_for(std::size_t count, const std::function<void(std::size_t)>& body) {
    for (std::size_t i = 0; i < count; ++i) body(i);
}

}  // namespace landseam
