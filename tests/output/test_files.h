// What the tests of this stage do with files.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "support/temporary_folder.h"

namespace landseam::output::testing {

using landseam::test::TemporaryFolder;

inline std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void put(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

// What the Error thrown by `work` says; empty where none is thrown.
template <typename Work>
std::string message_of(const Work& work) {
    try {
        work();
    } catch (const std::exception& error) {
        return error.what();
    }
    return {};
}

}  // namespace landseam::output::testing
