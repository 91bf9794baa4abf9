// Real imagery that is not in the repository.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace landseam::test {

inline std::string shared_data(const std::string& path) { return std::string(LANDSEAM_SHARED_DATA) + "/" + path; }

inline bool has_shared_data() { return std::filesystem::exists(LANDSEAM_SHARED_DATA); }

}  // namespace landseam::test

// At the start of a test that needs it.
#define LANDSEAM_NEEDS_SHARED_DATA()                                                                        \
    if (!landseam::test::has_shared_data())                                                                 \
    GTEST_SKIP() << "real imagery is absent: this test reads " << LANDSEAM_SHARED_DATA
