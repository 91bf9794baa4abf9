// Errors as landseam reports them: what was being handled, what went wrong, what to do about it.
#pragma once

#include <stdexcept>
#include <string>

namespace landseam {

// What a failure means to whoever called the program; `main` turns it into the exit code.
enum class ErrorKind {
    failed,   // the work cannot be done: exit code 1
    usage,    // the request makes no sense: exit code 2
    passing,  // a fault worth another try (network, full disk): exit code 75
};

// Thrown by every stage. The message is one line: 'subject': cause; remedy.
class Error : public std::runtime_error {
public:
    // `subject` is the file, option or object concerned (empty if there is none), `remedy` what the user can do
    // (empty if nothing is known to help).
    Error(const std::string& subject, const std::string& cause, const std::string& remedy = {},
          ErrorKind kind = ErrorKind::failed);

    ErrorKind kind() const { return kind_; }

private:
    ErrorKind kind_;
};

}  // namespace landseam
