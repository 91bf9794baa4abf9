#include "landseam/raster/file_transfer.h"

#include "landseam/core/error.h"
#include "landseam/raster/raster_source.h"

#include "raster/gdal_messages.h"
#include "raster/gdal_option.h"

#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include <cpl_vsi.h>
#include <cpl_vsi_error.h>
#include <unistd.h>

namespace landseam::raster {
namespace {

namespace fs = std::filesystem;

bool starts_with(const std::string& text, const std::string& start) {
    return text.rfind(start, 0) == 0;
}

bool is_url(const std::string& path) {
    return starts_with(path, "http://") || starts_with(path, "https://");
}

// FNV-1a, so that files of one name from different places do not meet.
std::string fingerprint(const std::string& text) {
    std::uint64_t hash = 14695981039346656037ull;
    for (const unsigned char c : text) hash = (hash ^ c) * 1099511628211ull;
    static const char digits[] = "0123456789abcdef";
    std::string out;
    for (int shift = 60; shift >= 0; shift -= 4) out += digits[(hash >> shift) & 15];
    return out;
}

std::string cache_name(const std::string& source) {
    std::string name = source.substr(0, source.find_first_of("?#"));
    while (!name.empty() && name.back() == '/') name.pop_back();
    name = name.substr(name.find_last_of('/') + 1);
    for (char& c : name)
        if (!(std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_')) c = '_';
    if (name.size() > 100) name = name.substr(name.size() - 100);
    return fingerprint(source) + "-" + name;
}

// The file being written; gone with this object unless it is kept.
class PartFile {
public:
    explicit PartFile(const fs::path& target) : target_(target) {
        static std::atomic<unsigned> serial{0};
        part_ = target;
        part_ += "." + std::to_string(getpid()) + "-" + std::to_string(serial++) + ".part";
        stream_.open(part_, std::ios::binary | std::ios::trunc);
        check();
    }
    ~PartFile() {
        stream_.close();
        std::error_code ignored;
        fs::remove(part_, ignored);
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    void write(const char* bytes, std::size_t count) {
        stream_.write(bytes, static_cast<std::streamsize>(count));
        check();
    }
    void keep() {
        stream_.close();
        check();
        std::error_code error;
        fs::rename(part_, target_, error);
        if (error)
            throw Error(target_.string(), "cannot write: " + error.message(), "choose another cache folder");
    }

private:
    void check() {
        if (stream_) return;
        const int reason = errno;
        throw Error(target_.string(), std::string("cannot write: ") + std::strerror(reason),
                    "make room or choose another cache folder",
                    reason == ENOSPC || reason == EDQUOT ? ErrorKind::passing : ErrorKind::failed);
    }

    fs::path target_, part_;
    std::ofstream stream_;
};

class Transfer {
public:
    Transfer(const std::string& source, Progress& progress) : source_(source), progress_(progress) {
        // Streamed, because not every server gives parts of files.
        const std::string looked_at = is_url(source) ? "/vsicurl/" + source : source;
        const std::string streamed = is_url(source) ? "/vsicurl_streaming/" + source : source;
        VSIStatBufL stat;
        if (VSIStatExL(looked_at.c_str(), &stat,
                       VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG | VSI_STAT_SIZE_FLAG) == 0) {
            if (VSI_ISDIR(stat.st_mode))
                throw Error(source, "is a folder, not a file", "name the file inside it");
            size_ = static_cast<std::int64_t>(stat.st_size);
        }
        file_.reset(VSIFOpenL(streamed.c_str(), "rb"));
        if (!file_) fail(why_not(looked_at));
    }

    void copy_to(PartFile& target) {
        progress_.begin("MB of " + cache_name(source_).substr(17), size_ / kMegabyte);
        std::vector<char> buffer(kMegabyte);
        std::int64_t done = 0;
        while (const std::size_t count = VSIFReadL(buffer.data(), 1, buffer.size(), file_.get())) {
            target.write(buffer.data(), count);
            done += static_cast<std::int64_t>(count);
            progress_.update(done / kMegabyte, "");
        }
        progress_.end();
        const bool short_of = size_ > 0 && done != size_;
        if (done == 0 && messages_.cause("").empty()) throw Error(source_, "is empty", "check the address");
        if (short_of || !messages_.cause("").empty())
            fail("only " + std::to_string(done) + " of " + std::to_string(size_) + " bytes came");
    }

private:
    static constexpr std::int64_t kMegabyte = 1'000'000;

    struct Close {
        void operator()(VSILFILE* file) const { VSIFCloseL(file); }
    };

    // Asked again for the reason, which is told only once and not for streamed files.
    static std::string why_not(const std::string& path) {
        VSICurlPartialClearCache(path.c_str());
        VSIErrorReset();
        VSILFILE* file = VSIFOpenExL(path.c_str(), "rb", TRUE);
        if (file) VSIFCloseL(file);
        const std::string reason = tidy_message(VSIGetLastErrorMsg());
        if (!reason.empty()) return reason;
        return is_remote(path) ? "no answer" : "there is no such file";
    }

    [[noreturn]] void fail(const std::string& fallback) const {
        const std::string cause = messages_.cause(fallback);
        const ErrorKind kind = failure_kind(source_, cause);
        throw Error(source_, "cannot be fetched: " + cause,
                    kind == ErrorKind::passing ? "check the network and try again" : "check the address",
                    kind);
    }

    std::string source_;
    Progress& progress_;
    GdalMessages messages_;
    std::int64_t size_ = 0;  // 0: not known
    std::unique_ptr<VSILFILE, Close> file_;
};

}  // namespace

std::string fetch_to_cache(const std::string& url_or_vsi, const std::string& cache_folder,
                           Progress& progress) {
    if (!is_url(url_or_vsi) && !starts_with(url_or_vsi, "/vsi")) return url_or_vsi;
    register_gdal();
    const fs::path target = fs::path(cache_folder) / cache_name(url_or_vsi);
    if (fs::exists(target)) return target.string();
    std::error_code error;
    fs::create_directories(cache_folder, error);
    if (error)
        throw Error(cache_folder, "cannot be made a cache folder: " + error.message(),
                    "choose another cache folder");
    const DefaultOption connect("GDAL_HTTP_CONNECTTIMEOUT", "30"),
        slow_time("GDAL_HTTP_LOW_SPEED_TIME", "60"), slow_limit("GDAL_HTTP_LOW_SPEED_LIMIT", "1"),
        no_listing("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR");
    Transfer transfer(url_or_vsi, progress);
    PartFile part(target);
    transfer.copy_to(part);
    part.keep();
    return target.string();
}

}  // namespace landseam::raster
