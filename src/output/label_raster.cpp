#include "landseam/output/label_raster.h"

#include "landseam/core/error.h"

#include "output/gdal_session.h"
#include "output/staged_output.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace landseam::output {
namespace {

constexpr int block = 256;         // pixels along a tile's side
constexpr int chunk_width = 4096;  // pixels burnt at once along a row of tiles

std::vector<std::string> companions_of_tiff(const std::string& path) {
    const std::string name = std::filesystem::path(path).filename().string();
    return {name + ".aux.xml", name + ".ovr", name + ".msk"};
}

void set(std::uint32_t* begin, std::uint32_t* end, std::uint32_t id, const std::function<bool(std::uint32_t)>& stays) {
    if (!stays) return std::fill(begin, end, id);
    std::uint32_t asked = 0;
    bool answer = false;
    for (; begin != end; ++begin) {
        if (*begin != 0 && *begin != asked) answer = stays(asked = *begin);
        if (*begin == 0 || !answer) *begin = id;
    }
}

}  // namespace

class LabelRasterWriter::Implementation {
public:
    explicit Implementation(const LabelRasterOptions& options)
        : options_(options), staged_(options.path, options.overwrite, companions_of_tiff(options.path)) {
        const GdalMessages messages;
        OGRSpatialReference crs;
        if (!options.crs_wkt.empty()) crs = spatial_reference(options.crs_wkt);
        const std::string block_size = std::to_string(block);
        const CPLStringList creation =
            option_list({}, {"TILED=YES", "BLOCKXSIZE=" + block_size, "BLOCKYSIZE=" + block_size,
                             "COMPRESS=DEFLATE", "SPARSE_OK=TRUE", "BIGTIFF=IF_SAFER"});
        GDALDriver* driver = find_driver("GTiff");
        if (driver)
            dataset_.reset(driver->Create(burnt_path().c_str(), static_cast<int>(options.width),
                                          static_cast<int>(options.height), 1, GDT_UInt32, creation.List()));
        if (!dataset_) throw write_error(options.path, messages.reason());
        if (options.transform) {
            auto coefficients = options.transform->c;
            dataset_->SetGeoTransform(coefficients.data());
        }
        if (!crs.IsEmpty()) dataset_->SetSpatialRef(&crs);
        band().SetNoDataValue(0);
        if (messages.failed()) throw write_error(options.path, messages.reason());
    }

    void burn(const RunMask& mask, std::uint32_t id, const std::function<bool(std::uint32_t)>& stays);
    void transfer(GDALRWFlag direction, const PixelBox& box, std::uint32_t* labels);
    void close();

    PixelBox frame() const { return {0, 0, options_.width, options_.height}; }
    const std::string& path() const { return options_.path; }

private:
    GDALRasterBand& band() { return *dataset_->GetRasterBand(1); }
    // What is written to in any order, before it becomes the output.
    std::string burnt_path() const { return staged_.path() + ".burnt"; }

    LabelRasterOptions options_;
    StagedOutput staged_;
    Dataset dataset_;  // closed before `staged_` removes its file
};

void LabelRasterWriter::Implementation::transfer(GDALRWFlag direction, const PixelBox& box,
                                                 std::uint32_t* labels) {
    if (!dataset_) throw Error(path(), "the raster is closed, and there is more to write");
    const GdalMessages messages;
    const int width = static_cast<int>(box.width), height = static_cast<int>(box.height);
    const CPLErr result = band().RasterIO(direction, static_cast<int>(box.x), static_cast<int>(box.y), width,
                                          height, labels, width, height, GDT_UInt32, 0, 0, nullptr);
    if (result != CE_None || messages.failed()) throw write_error(path(), messages.reason());
}

void LabelRasterWriter::Implementation::burn(const RunMask& mask, std::uint32_t id,
                                             const std::function<bool(std::uint32_t)>& stays) {
    const std::vector<Run>& runs = mask.runs();
    std::vector<std::uint32_t> labels;
    for (std::size_t begin = 0, end = 0; begin < runs.size(); begin = end) {
        // The runs of one row of tiles, sorted into chunks of its columns.
        const std::int64_t strip = runs[begin].y >= 0 ? runs[begin].y / block : -1;
        std::map<std::int64_t, std::vector<Run>> by_chunk;
        for (; end < runs.size() && (runs[end].y >= 0 ? runs[end].y / block : -1) == strip; ++end) {
            const Run& run = runs[end];
            if (run.y < 0 || run.y >= options_.height) continue;
            const std::int64_t x0 = std::max<std::int64_t>(run.x_begin, 0);
            const std::int64_t x1 = std::min<std::int64_t>(run.x_end, options_.width);
            for (std::int64_t x = x0; x < x1;) {
                const std::int64_t next = std::min(x1, (x / chunk_width + 1) * chunk_width);
                by_chunk[x / chunk_width].push_back(
                    {run.y, static_cast<std::int32_t>(x), static_cast<std::int32_t>(next)});
                x = next;
            }
        }
        for (const auto& [chunk, parts] : by_chunk) {
            const PixelBox box = RunMask::from_sorted_runs(parts).bounds();
            labels.resize(static_cast<std::size_t>(box.area()));
            transfer(GF_Read, box, labels.data());
            for (const Run& run : parts) {
                std::uint32_t* row = labels.data() + (run.y - box.y) * box.width;
                set(row + (run.x_begin - box.x), row + (run.x_end - box.x), id, stays);
            }
            transfer(GF_Write, box, labels.data());
        }
    }
}

void LabelRasterWriter::Implementation::close() {
    if (!dataset_) return;
    const GdalMessages messages;
    dataset_->FlushCache();
    const std::string block_size = "BLOCKSIZE=" + std::to_string(block);
    const CPLStringList creation = option_list({}, {block_size, "COMPRESS=DEFLATE", "BIGTIFF=IF_SAFER",
                                                    "SPARSE_OK=TRUE", "RESAMPLING=NEAREST"});
    GDALDriver* driver = find_driver("COG");
    Dataset optimized;
    if (driver && !messages.failed())
        optimized.reset(driver->CreateCopy(staged_.path().c_str(), dataset_.get(), TRUE, creation.List(),
                                           GDALDummyProgress, nullptr));
    dataset_.reset();
    if (!optimized) throw write_error(path(), messages.reason());
    GDALClose(optimized.release());
    if (messages.failed()) throw write_error(path(), messages.reason());
    std::filesystem::remove(burnt_path());
    staged_.publish();
}

LabelRasterWriter::LabelRasterWriter(const LabelRasterOptions& options) {
    constexpr std::int64_t longest = std::numeric_limits<std::int32_t>::max();
    if (options.width < 1 || options.height < 1 || options.width > longest || options.height > longest)
        throw Error(options.path, "a label raster of " + std::to_string(options.width) + " × " +
                                      std::to_string(options.height) + " pixels is not possible");
    implementation_ = std::make_unique<Implementation>(options);
}

LabelRasterWriter::~LabelRasterWriter() = default;

void LabelRasterWriter::burn(const RunMask& mask, std::uint32_t id, const std::function<bool(std::uint32_t)>& stays) {
    if (id == 0) throw Error(implementation_->path(), "the id 0 stands for the background", "count from 1");
    implementation_->burn(mask, id, stays);
}

void LabelRasterWriter::write_window(const PixelBox& box, const Image<std::uint32_t>& labels) {
    if (!implementation_->frame().contains(box) || box.empty() || labels.channels != 1 ||
        labels.width != box.width || labels.height != box.height)
        throw Error(implementation_->path(), "a window does not fit its raster or its labels");
    // RasterIO takes a pointer to what it may not change when writing.
    implementation_->transfer(GF_Write, box, const_cast<std::uint32_t*>(labels.values.data()));
}

void LabelRasterWriter::close() {
    implementation_->close();
}

}  // namespace landseam::output
