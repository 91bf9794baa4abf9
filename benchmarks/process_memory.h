// What the process takes of the machine's memory. Linux only; elsewhere everything is 0.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace landseam::benchmarks {

// The largest resident size since the start or the last forget_peak_memory(), in bytes (VmHWM).
inline std::int64_t peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmHWM:", 0) == 0) return std::stoll(line.substr(6)) * 1024;
    return 0;
}

// Lets peak_memory() start again from what is in use now (proc(5), clear_refs).
inline void forget_peak_memory() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace landseam::benchmarks
