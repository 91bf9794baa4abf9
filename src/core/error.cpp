#include "landseam/core/error.h"

namespace landseam {
namespace {

std::string one_line(const std::string& subject, const std::string& cause, const std::string& remedy) {
    std::string text;
    if (!subject.empty()) text += "'" + subject + "': ";
    text += cause;
    if (!remedy.empty()) text += "; " + remedy;
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    return text;
}

}  // namespace

Error::Error(const std::string& subject, const std::string& cause, const std::string& remedy, ErrorKind kind)
    : std::runtime_error(one_line(subject, cause, remedy)), kind_(kind) {}

}  // namespace landseam
