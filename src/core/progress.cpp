#include "landseam/core/progress.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>

namespace landseam {
namespace {

using Clock = std::chrono::steady_clock;

class SilentProgress : public Progress {
public:
    void begin(const std::string&, std::int64_t) override {}
    void update(std::int64_t, const std::string&) override {}
    void end() override {}
    void warn(const std::string&) override {}
};

class QuietProgress : public SilentProgress {
public:
    void warn(const std::string& message) override {
        std::lock_guard<std::mutex> lock(mutex_);
        std::fprintf(stderr, "landseam: warning: %s\n", message.c_str());
    }

private:
    std::mutex mutex_;
};

std::string as_duration(double seconds) {
    char text[32];
    const long s = static_cast<long>(seconds + 0.5);
    if (s < 3600)
        std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
    else
        std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    return text;
}

class ConsoleProgress : public Progress {
public:
    void begin(const std::string& phase, std::int64_t total) override {
        std::lock_guard<std::mutex> lock(mutex_);
        phase_ = phase;
        total_ = total;
        done_ = 0;
        note_.clear();
        started_ = Clock::now();
        shown_ = {};
        if (terminal_) show(false);
    }

    void update(std::int64_t done, const std::string& note) override {
        std::lock_guard<std::mutex> lock(mutex_);
        done_ = done;
        note_ = note;
        const double wait = terminal_ ? 0.1 : 10.0;
        if (std::chrono::duration<double>(Clock::now() - shown_).count() >= wait) show(false);
    }

    void end() override {
        std::lock_guard<std::mutex> lock(mutex_);
        show(true);
    }

    void warn(const std::string& message) override {
        std::lock_guard<std::mutex> lock(mutex_);
        std::fprintf(stderr, "%slandseam: warning: %s\n", terminal_ ? "\r\033[K" : "", message.c_str());
    }

private:
    void show(bool last) {
        shown_ = Clock::now();
        const double elapsed = std::chrono::duration<double>(shown_ - started_).count();
        std::string line = phase_ + " " + std::to_string(done_) + "/" + std::to_string(total_);
        if (terminal_) line = bar() + " " + line;
        if (!note_.empty()) line += ", " + note_;
        if (last)
            line += ", took " + as_duration(elapsed);
        else if (done_ > 0)
            line += ", ETA " + as_duration(elapsed / static_cast<double>(done_) * static_cast<double>(total_ - done_));
        std::fprintf(stderr, "%s%s%s", terminal_ ? "\r\033[K" : "", line.c_str(), terminal_ && !last ? "" : "\n");
        std::fflush(stderr);
    }

    std::string bar() const {
        constexpr int width = 24;
        const int filled = total_ > 0 ? static_cast<int>(width * done_ / total_) : width;
        return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]";
    }

    std::mutex mutex_;
    const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
    std::string phase_, note_;
    std::int64_t total_ = 0, done_ = 0;
    Clock::time_point started_{}, shown_{};
};

}  // namespace

std::shared_ptr<Progress> silent_progress() { return std::make_shared<SilentProgress>(); }
std::shared_ptr<Progress> console_progress() { return std::make_shared<ConsoleProgress>(); }
std::shared_ptr<Progress> quiet_progress() { return std::make_shared<QuietProgress>(); }

}  // namespace landseam
