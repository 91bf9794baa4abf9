// The program: finds the subcommand, runs it, and turns what went wrong into an exit code.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <thread>

#include "commands.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/segment_scene.h"
#include "version.h"

namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_passing = 75;

int exit_code(landseam::ErrorKind kind) {
    switch (kind) {
        case landseam::ErrorKind::usage: return exit_usage;
        case landseam::ErrorKind::passing: return exit_passing;
        case landseam::ErrorKind::failed: break;
    }
    return exit_failed;
}

int report(const std::string& message, int code) {
    std::fprintf(stderr, "landseam: %s\n", message.substr(0, message.find('\n')).c_str());
    return code;
}

// The first signal ends the work tidily between tiles; a second one ends the program at once.
void on_signal(int signal) {
    landseam::pipeline::request_stop();
    std::signal(signal, SIG_DFL);
}

// Signals are kept from threads at work: with a handler on their stacks the heap was found damaged after one signal in
// ten, by traces within oneDNN's generated code. So a thread of its own waits for them; the handler is for threads that
// libraries began before main.
void take_signals() {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // in all threads that begin later, too
    std::thread([signals] {
        for (int signal = 0;;) {
            sigwait(&signals, &signal);
            if (landseam::pipeline::stop_was_requested()) {
                std::signal(signal, SIG_DFL);
                pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
                std::raise(signal);
            }
            landseam::pipeline::request_stop();
        }
    }).detach();
}

int run(int argc, char** argv) {
    CLI::App program{"landseam: georeferenced polygons from large multispectral scenes with Segment Anything\n"
                     "Try: landseam segment scene.tif scene.gpkg"};
    landseam::apps::CommandLine line;
    program.set_version_flag("--version", std::string("landseam ") + landseam::apps::version);
    program.require_subcommand(1);
    program.get_formatter()->column_width(34);
    program.option_defaults()->always_capture_default();
    landseam::apps::add_all_commands(program, line);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? 0 : exit_usage;
    }
    const auto progress = line.quiet ? landseam::quiet_progress() : landseam::console_progress();
    line.work(*progress);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    take_signals();
    try {
        return run(argc, argv);
    } catch (const landseam::Error& error) {
        return report(error.what(), exit_code(error.kind()));
    } catch (const std::bad_alloc&) {
        return report("out of memory; use a smaller --tile-size or fewer --threads", exit_failed);
    } catch (const std::exception& error) {
        return report(error.what(), exit_failed);
    }
}
