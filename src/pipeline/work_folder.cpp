#include "pipeline/work_folder.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/settings_file.h"
#include "landseam/pipeline/tile_masks_file.h"

#include "pipeline/line_reader.h"
#include "sam/hash.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

namespace landseam::pipeline {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr std::size_t hash_length = 32;                       // hexadecimal digits
constexpr auto time_between_syncs = std::chrono::seconds(2);  // what a power cut may cost
// Tiles were checked when they were kept; their boxes need not be held against the scene again.
const TileMasksHeader any_scene{
    std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::max(), {}, {}, 0};

std::string hexadecimal(const sam::Fingerprint& fingerprint) {
    static const char* const digits = "0123456789abcdef";
    std::string text;
    for (unsigned char byte : fingerprint) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

std::string checksum(std::string_view text) {
    return hexadecimal(sam::Hash().add(text.data(), text.size()).digest());
}

// A kept tile's line taken apart: "checksum tile pixels {…}".
struct TileRecord {
    int tile = 0;
    std::string pixels;
    std::size_t json_begin = 0;
};

std::optional<TileRecord> record_from(const std::string& line) {
    constexpr std::size_t tile_begin = hash_length + 1;
    if (line.size() < tile_begin || line[hash_length] != ' ') return {};
    const std::string_view rest = std::string_view(line).substr(tile_begin);
    if (checksum(rest) != std::string_view(line).substr(0, hash_length)) return {};
    TileRecord record;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), record.tile);
    const auto pixels_begin = static_cast<std::size_t>(end - rest.data()) + 1;
    if (error != std::errc() || rest.size() < pixels_begin + hash_length + 1) return {};
    record.pixels = rest.substr(pixels_begin, hash_length);
    record.json_begin = tile_begin + pixels_begin + hash_length + 1;
    return record;
}

// "pred_iou_thresh 0.88, now 0.9" for each value that differs, however deep it lies.
void list_differences(const json& kept, const json& now, const std::string& name,
                      std::vector<std::string>& list) {
    if (kept.is_object() && now.is_object()) {
        for (const auto& [key, value] : now.items())
            list_differences(kept.contains(key) ? kept[key] : json(), value, key, list);
    } else if (kept != now) {
        list.push_back(name + " " + kept.dump().substr(0, 60) + ", now " + now.dump().substr(0, 60));
    }
}

Error cannot_write(const std::string& path, int reason) {
    const bool full = reason == ENOSPC || reason == EDQUOT;
    return Error(path, std::string("cannot be written: ") + std::strerror(reason),
                 full ? "make room and run the same command again; finished tiles are kept"
                      : "give another folder with --work",
                 full ? ErrorKind::passing : ErrorKind::failed);
}

}  // namespace

WorkFolder::WorkFolder(std::string folder, const std::string& settings) : folder_(std::move(folder)) {
    std::error_code error;
    fs::create_directory(folder_, error);
    if (!fs::is_directory(folder_))
        throw Error(
            folder_,
            "cannot be made a folder for finished tiles" + (error ? ": " + error.message() : std::string()),
            "give another one with --work");
    try {
        open_tiles();
        check_settings(settings);
        read_places();
    } catch (...) {
        if (file_ >= 0) ::close(file_);
        throw;
    }
}

WorkFolder::~WorkFolder() {
    if (file_ < 0) return;
    ::fdatasync(file_);
    ::close(file_);
}

void WorkFolder::open_tiles() {
    const std::string settings = folder_ + "/settings.json", tiles = folder_ + "/tiles";
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
        const std::string name = entry.path().filename().string();
        if (name != "settings.json" && name != "settings.json.tmp" && name != "tiles")
            throw Error(folder_, "holds '" + name + "', which is no finished tile",
                        "give another folder with --work");
    }
    file_ = ::open(tiles.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0) throw cannot_write(tiles, errno);
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        throw Error(folder_, "is in use by another run",
                    "wait for that one, or give another folder with --work", ErrorKind::passing);
}

void WorkFolder::check_settings(const std::string& settings) {
    const std::string path = folder_ + "/settings.json";
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        // Tiles without settings are what is left of a crash in this very place.
        if (::ftruncate(file_, 0) != 0) throw cannot_write(folder_ + "/tiles", errno);
        write_settings(path, settings);
        return;
    }
    std::ostringstream text;
    text << file.rdbuf();
    const json kept = json::parse(text.str(), nullptr, false);
    std::vector<std::string> differences;
    list_differences(kept, json::parse(settings), "settings", differences);
    if (differences.empty()) return;
    std::string list = differences.front();
    for (std::size_t i = 1; i < differences.size(); ++i) list += "; " + differences[i];
    throw Error(
        folder_, "holds tiles finished with other settings (" + list + ")",
        "go on with those settings, give another folder with --work, or remove this one to begin anew");
}

void WorkFolder::read_places() {
    LineReader reader(folder_ + "/tiles", file_);
    for (Line line; reader.next(line) && line.ended;) {
        const auto record = record_from(line.text);
        if (!record) break;
        const auto begin = static_cast<std::int64_t>(record->json_begin);
        places_[record->tile] = {line.offset + begin, line.text.size() - record->json_begin, record->pixels};
        end_ = line.offset + static_cast<std::int64_t>(line.text.size()) + 1;
    }
    if (::ftruncate(file_, end_) != 0) throw cannot_write(folder_ + "/tiles", errno);
}

std::int64_t WorkFolder::count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<std::int64_t>(places_.size());
}

std::optional<std::vector<TileMask>> WorkFolder::masks_of(int tile, const sam::Fingerprint& pixels) const {
    Place place;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto found = places_.find(tile);
        if (found == places_.end() || found->second.pixels != hexadecimal(pixels)) return {};
        place = found->second;
    }
    std::string text(place.size, ' ');
    if (::pread(file_, text.data(), text.size(), place.offset) != static_cast<ssize_t>(text.size()))
        return {};
    return tile_from(text, any_scene, {}).masks;
}

void WorkFolder::keep(int tile, const PixelBox& window, const sam::Fingerprint& pixels,
                      const std::vector<TileMask>& masks) {
    const std::string json_text = tile_line(window, masks), hash = hexadecimal(pixels);
    const std::string record = std::to_string(tile) + " " + hash + " " + json_text;
    const std::string line = checksum(record) + " " + record + "\n";
    const std::lock_guard<std::mutex> lock(mutex_);
    for (std::size_t done = 0; done < line.size();) {
        const ssize_t written =
            ::pwrite(file_, line.data() + done, line.size() - done, end_ + static_cast<std::int64_t>(done));
        if (written < 0) {
            const int reason = errno;
            if (reason == EINTR) continue;
            if (::ftruncate(file_, end_) != 0) {
                // The next run cuts the unfinished line off.
            }
            throw cannot_write(folder_ + "/tiles", reason);
        }
        done += static_cast<std::size_t>(written);
    }
    const std::size_t json_begin = line.size() - 1 - json_text.size();
    places_[tile] = {end_ + static_cast<std::int64_t>(json_begin), json_text.size(), hash};
    end_ += static_cast<std::int64_t>(line.size());
    if (const auto now = std::chrono::steady_clock::now(); now - synced_ > time_between_syncs) {
        if (::fdatasync(file_) != 0) throw cannot_write(folder_ + "/tiles", errno);
        synced_ = now;
    }
}

void WorkFolder::remove() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::error_code ignored;
    for (const char* name : {"tiles", "settings.json"}) fs::remove(fs::path(folder_) / name, ignored);
    fs::remove(folder_, ignored);
    places_.clear();
}

}  // namespace landseam::pipeline
