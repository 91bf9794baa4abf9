#include "landseam/raster/source_files.h"

#include "landseam/core/error.h"
#include "landseam/raster/raster_source.h"

#include "raster/gdal_messages.h"
#include "raster/gdal_option.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <cpl_vsi_error.h>

namespace landseam::raster {
namespace {

constexpr std::uint64_t fnv_offset = 14695981039346656037ull;

std::uint64_t fnv(std::uint64_t hash, const char* bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        hash = (hash ^ static_cast<unsigned char>(bytes[i])) * 1099511628211ull;
    return hash;
}

std::string hexadecimal(std::uint64_t hash) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

struct CloseFile {
    void operator()(VSILFILE* file) const { VSIFCloseL(file); }
};

[[noreturn]] void fail(const std::string& path, const std::string& cause) {
    const ErrorKind kind = failure_kind(path, cause);
    throw Error(path, "cannot be read: " + cause,
                kind == ErrorKind::passing ? "check the network and try again" : "check the path", kind);
}

}  // namespace

std::string access_path(const std::string& address) {
    static const std::pair<const char*, const char*> schemes[] = {{"http://", "/vsicurl/http://"},
                                                                  {"https://", "/vsicurl/https://"},
                                                                  {"s3://", "/vsis3/"},
                                                                  {"gs://", "/vsigs/"},
                                                                  {"az://", "/vsiaz/"},
                                                                  {"file://", ""}};
    for (const auto& [scheme, place] : schemes)
        if (address.rfind(scheme, 0) == 0) return place + address.substr(std::string(scheme).size());
    return address;
}

bool is_remote_path(const std::string& path) {
    return is_remote(path);
}

std::string read_text(const std::string& path, std::int64_t most_bytes) {
    register_gdal();
    const DefaultOption connect("GDAL_HTTP_CONNECTTIMEOUT", "30"),
        slow_time("GDAL_HTTP_LOW_SPEED_TIME", "60"), slow_limit("GDAL_HTTP_LOW_SPEED_LIMIT", "1"),
        no_listing("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR");
    const GdalMessages messages;
    // What a server said before, and what may have changed since, is asked again.
    if (is_remote(path)) VSICurlPartialClearCache(path.c_str());
    VSIStatBufL stat;
    const bool known = VSIStatExL(path.c_str(), &stat,
                                  VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG | VSI_STAT_SIZE_FLAG) == 0;
    if (!known && !is_remote(path)) throw Error(path, "there is no such file", "check the path");
    if (known && VSI_ISDIR(stat.st_mode))
        throw Error(path, "is a folder, not a file", "name the file inside it");
    VSIErrorReset();
    const std::unique_ptr<VSILFILE, CloseFile> file(VSIFOpenExL(path.c_str(), "rb", TRUE));
    if (!file) {
        const std::string told = tidy_message(VSIGetLastErrorMsg());
        fail(path, told.empty() ? messages.cause("no answer") : told);
    }
    std::string text;
    std::vector<char> buffer(1 << 16);
    while (const std::size_t count = VSIFReadL(buffer.data(), 1, buffer.size(), file.get())) {
        text.append(buffer.data(), count);
        if (static_cast<std::int64_t>(text.size()) > most_bytes)
            throw Error(path, "has more than " + std::to_string(most_bytes >> 20) + " MiB",
                        "that is too much for such a file");
    }
    if (!messages.cause("").empty()) fail(path, messages.cause(""));
    return text;
}

bool is_folder(const std::string& path) {
    register_gdal();
    const GdalMessages unheard;
    VSIStatBufL stat;
    return VSIStatExL(path.c_str(), &stat, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG) == 0 &&
           VSI_ISDIR(stat.st_mode);
}

std::vector<std::string> list_files(const std::string& folder, std::size_t most) {
    register_gdal();
    const GdalMessages messages;
    const std::unique_ptr<VSIDIR, void (*)(VSIDIR*)> listing(VSIOpenDir(folder.c_str(), -1, nullptr),
                                                             VSICloseDir);
    if (!listing) fail(folder, messages.cause("it is no folder, or may not be looked into"));
    std::vector<std::string> files;
    while (const VSIDIREntry* entry = VSIGetNextDirEntry(listing.get())) {
        const std::string name = entry->pszName;
        const bool hidden = name.rfind(".", 0) == 0 || name.find("/.") != std::string::npos;
        if (VSI_ISDIR(entry->nMode) || hidden) continue;
        if (files.size() == most)
            throw Error(folder, "holds more than " + std::to_string(most) + " files",
                        "name fewer folders at once");
        files.push_back(folder + (folder.back() == '/' ? "" : "/") + name);
    }
    if (files.empty() && !messages.cause("").empty()) fail(folder, messages.cause(""));
    std::sort(files.begin(), files.end());
    return files;
}

std::optional<std::int64_t> local_file_size(const std::string& path) {
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(path, unknown)) return std::nullopt;
    const auto size = std::filesystem::file_size(path, unknown);
    return unknown ? std::nullopt : std::optional<std::int64_t>(static_cast<std::int64_t>(size));
}

void forget_remote_files() {
    VSICurlClearCache();
}

std::string hash_of_text(const std::string& text) {
    return hexadecimal(fnv(fnv_offset, text.data(), text.size()));
}

std::string hash_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(path, "cannot be read", "check that it is there and may be read");
    std::uint64_t hash = fnv_offset;
    std::vector<char> buffer(1 << 16);
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
        hash = fnv(hash, buffer.data(), static_cast<std::size_t>(file.gcount()));
    return hexadecimal(hash);
}

}  // namespace landseam::raster
