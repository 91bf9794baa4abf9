#include "apps/run_program.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/temporary_folder.h"

extern char** environ;

namespace landseam::test {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

Outcome run_landseam(const std::vector<std::string>& arguments) {
    return interrupt_landseam(arguments, 0, [] { return true; });
}

Outcome interrupt_landseam(const std::vector<std::string>& arguments, int signal, const std::function<bool()>& ready) {
    const TemporaryFolder folder;
    std::vector<std::string> words{LANDSEAM_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string out = folder.file("out"), err = folder.file("err");
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
    pid_t child = 0;
    const int failure = posix_spawn(&child, LANDSEAM_PROGRAM, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) throw std::runtime_error(std::string("cannot run ") + LANDSEAM_PROGRAM);
    int status = 0;
    bool ended = false;
    while (!ended && !ready()) ended = waitpid(child, &status, WNOHANG) == child;
    if (!ended) {
        if (signal != 0) kill(child, signal);
        waitpid(child, &status, 0);
    }
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text_of(out), text_of(err)};
}

}  // namespace landseam::test
