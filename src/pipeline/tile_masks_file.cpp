#include "landseam/pipeline/tile_masks_file.h"

#include "landseam/core/error.h"

#include "pipeline/line_reader.h"
#include "pipeline/stop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <tuple>

#include <fcntl.h>
#include <sys/stat.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>
#include <unistd.h>

namespace landseam::pipeline {
namespace {

std::shared_ptr<const int> open_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
        const std::string reason = std::strerror(errno);
        if (descriptor >= 0) ::close(descriptor);
        throw Error(path, "cannot be read: " + reason, "give a file of tile masks, one JSON object a line");
    }
    const std::shared_ptr<const int> file(new int(descriptor), [](const int* open) {
        ::close(*open);
        delete open;
    });
    if (!S_ISREG(status.st_mode))
        throw Error(path, "is not a regular file, and tile masks are read twice",
                    "save them in a file first");
    return file;
}

Error at_line(const std::string& path, std::int64_t line, const std::string& fault) {
    return Error(path + ":" + std::to_string(line), fault);
}

}  // namespace

TileMasksFile::TileMasksFile(const std::string& path, int threads, std::int64_t long_line)
    : path_(path), file_(open_file(path)), long_line_(long_line) {
    index(threads);
}

TileLine TileMasksFile::tile_of(std::string_view line, const std::vector<std::string>& names) const {
    std::unique_lock<std::mutex> alone(*one_long_line_, std::defer_lock);
    if (static_cast<std::int64_t>(line.size()) > long_line_) alone.lock();
    return tile_from(line, header_, names);
}

void TileMasksFile::index(int threads) {
    LineReader reader(path_, *file_);
    Line first;
    if (!reader.next(first))
        throw Error(path_, "is empty",
                    R"(begin it with a line {"width": …, "height": …, "geotransform": …, "crs": …})");
    try {
        header_ = header_from(first.text);
    } catch (const Error& error) {
        throw at_line(path_, first.number, error.what());
    }

    struct Found {
        Place place;
        std::size_t masks = 0;
        std::set<std::string> names;
        std::string fault;  // thrown in the order of lines, so that it is always the first one
    };
    std::set<std::string> names;
    const auto read_line = [&](tbb::flow_control& control) {
        check_stop();
        Line line;
        if (!reader.next(line)) control.stop();
        return line;
    };
    const auto check_line = [&](const Line& line) {
        try {
            TileLine tile = tile_of(line.text, {});
            return Found{{tile.box, line.offset, static_cast<std::int64_t>(line.text.size()), line.number},
                         tile.masks.size(),
                         std::move(tile.names),
                         ""};
        } catch (const Error& error) {
            return Found{{{}, 0, 0, line.number}, 0, {}, error.what()};
        }
    };
    const auto keep_place = [&](const Found& found) {
        if (!found.fault.empty()) throw at_line(path_, found.place.line, found.fault);
        places_.push_back(found.place);
        masks_ += static_cast<std::int64_t>(found.masks);
        names.insert(found.names.begin(), found.names.end());
    };
    tbb::task_arena arena(threads);
    arena.execute([&] {
        tbb::parallel_pipeline(
            static_cast<std::size_t>(2 * threads),
            tbb::make_filter<void, Line>(tbb::filter_mode::serial_in_order, read_line) &
                tbb::make_filter<Line, Found>(tbb::filter_mode::parallel, check_line) &
                tbb::make_filter<Found, void>(tbb::filter_mode::serial_in_order, keep_place));
    });
    names_.assign(names.begin(), names.end());

    const auto key = [](const Place& place) {
        return std::make_tuple(place.box.y, place.box.x, place.box.height, place.box.width, place.line);
    };
    std::sort(places_.begin(), places_.end(),
              [&](const Place& p, const Place& q) { return key(p) < key(q); });
    for (std::size_t i = 1; i < places_.size(); ++i)
        if (places_[i].box == places_[i - 1].box)
            throw Error(path_ + ":" + std::to_string(places_[i].line),
                        "its tile has the same box as that of line " + std::to_string(places_[i - 1].line),
                        "write each tile once");
}

std::vector<PixelBox> TileMasksFile::windows() const {
    std::vector<PixelBox> windows;
    windows.reserve(places_.size());
    for (const Place& place : places_) windows.push_back(place.box);
    return windows;
}

std::int64_t TileMasksFile::longest_line() const {
    std::int64_t longest = 0;
    for (const Place& place : places_) longest = std::max(longest, place.size);
    return longest;
}

std::int64_t TileMasksFile::lines_across() const {
    const bool rows = header_.width <= header_.height;
    std::map<std::int64_t, std::int64_t>
        changes;  // of the bytes that lie across, on the way through the scene
    for (const Place& place : places_) {
        const std::int64_t begin = rows ? place.box.y : place.box.x;
        changes[begin] += place.size;
        changes[begin + (rows ? place.box.height : place.box.width)] -= place.size;
    }
    std::int64_t now = 0, most = 0;
    for (const auto& [where, change] : changes) most = std::max(most, now += change);
    return most;
}

std::string TileMasksFile::read(const Place& place) const {
    std::string text(static_cast<std::size_t>(place.size), ' ');
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t read = ::pread(*file_, text.data() + done, text.size() - done,
                                     place.offset + static_cast<std::int64_t>(done));
        if (read <= 0)
            throw Error(path_, read < 0 ? std::string("cannot be read: ") + std::strerror(errno)
                                        : std::string("has become shorter while it was read"));
        done += static_cast<std::size_t>(read);
    }
    return text;
}

TileLine TileMasksFile::tile(int k) const {
    const Place& place = places_.at(static_cast<std::size_t>(k));
    try {
        TileLine tile = tile_of(read(place), names_);
        if (tile.box != place.box) throw Error("", "the file was changed while it was read");
        return tile;
    } catch (const Error& error) {
        throw at_line(path_, place.line, error.what());
    }
}

}  // namespace landseam::pipeline
