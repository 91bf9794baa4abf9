// Runs landseam as a user does.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace landseam::test {

struct Outcome {
    int exit_code = -1;  // 128 + n if signal n ended it
    std::string out;
    std::string err;
};

// Arguments go to the program as they are, through no shell.
Outcome run_landseam(const std::vector<std::string>& arguments);

// The same, but as soon as `ready` says so the program is sent `signal`.
Outcome interrupt_landseam(const std::vector<std::string>& arguments, int signal, const std::function<bool()>& ready);

}  // namespace landseam::test
