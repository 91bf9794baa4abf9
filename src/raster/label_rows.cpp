#include "landseam/raster/label_rows.h"

#include "landseam/core/error.h"
#include "landseam/raster/raster_source.h"

#include "raster/gdal_messages.h"
#include "raster/scene_checks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <cpl_string.h>
#include <gdal_priv.h>

namespace landseam::raster {
namespace {

constexpr std::int64_t strip_bytes = 64 << 20;
constexpr int fewest_rows = 64;

}  // namespace

struct LabelRows::Implementation {
    explicit Implementation(const std::string& given) : path(given), info(open_scene(given)->info()) {
        dataset = open_dataset(path, {}, messages);
        band = dataset->GetRasterBand(1);
        switch (band->GetRasterDataType()) {
            case GDT_Byte:
            case GDT_UInt16:
            case GDT_UInt32:
                type = GDT_UInt32;
                break;
            case GDT_Int16:
            case GDT_Int32:
                type = GDT_Int32;
                break;
            default:
                throw Error(path,
                            std::string("holds ") + GDALGetDataTypeName(band->GetRasterDataType()) +
                                " and no labels of up to 32 bits",
                            "convert it with 'gdal_translate -ot UInt32' or -ot Int32");
        }
        info.width = dataset->GetRasterXSize();
        info.height = dataset->GetRasterYSize();
        int block_width = 0, block_height = 0, has_nodata = 0;
        band->GetBlockSize(&block_width, &block_height);
        const std::int64_t row_bytes = info.width * static_cast<std::int64_t>(sizeof(std::uint32_t));
        const std::int64_t fitting = std::max<std::int64_t>(1, strip_bytes / row_bytes);
        const std::int64_t wanted = std::min<std::int64_t>(fitting, std::max(block_height, fewest_rows));
        const std::int64_t whole_blocks = std::max<std::int64_t>(1, wanted / block_height) * block_height;
        rows = static_cast<int>(std::min({whole_blocks <= fitting ? whole_blocks : fitting, info.height,
                                          std::int64_t{std::numeric_limits<int>::max()}}));
        const double value = band->GetNoDataValue(&has_nodata);
        const int flags = band->GetMaskFlags();
        if (has_nodata && value == std::floor(value) && std::abs(value) < 4.3e9)
            nodata = static_cast<std::uint32_t>(static_cast<std::int64_t>(value));
        has_mask = (flags & (GMF_ALL_VALID | GMF_NODATA)) == 0;
        if (char** categories = band->GetCategoryNames())
            for (; *categories; ++categories) names.emplace_back(*categories);
    }

    void transfer(GDALRasterBand& source, LabelStrip& strip, void* values, GDALDataType as) {
        const int width = static_cast<int>(info.width);
        if (source.RasterIO(GF_Read, 0, static_cast<int>(strip.first_row), width, strip.rows, values, width,
                            strip.rows, as, 0, 0, nullptr) == CE_None)
            return;
        const std::string cause = messages.cause("GDAL gives no reason");
        throw Error(path, "the rows from " + std::to_string(strip.first_row) + " cannot be read: " + cause,
                    "the file may be damaged: fetch it again", failure_kind(path, cause));
    }

    std::string path;
    GdalMessages messages;
    SceneInfo info;
    std::unique_ptr<GDALDataset> dataset;
    GDALRasterBand* band = nullptr;
    GDALDataType type = GDT_UInt32;
    int rows = 1;
    std::optional<std::uint32_t> nodata;
    bool has_mask = false;
    std::vector<std::string> names;
};

LabelRows::LabelRows(const std::string& path) : implementation_(std::make_unique<Implementation>(path)) {}
LabelRows::~LabelRows() = default;

const SceneInfo& LabelRows::info() const {
    return implementation_->info;
}

bool LabelRows::marks_unknown() const {
    return implementation_->has_mask || implementation_->nodata;
}

int LabelRows::strip_rows() const {
    return implementation_->rows;
}

const std::vector<std::string>& LabelRows::names() const {
    return implementation_->names;
}

std::int64_t LabelRows::value_of(std::uint32_t code) const {
    return implementation_->type == GDT_Int32 ? std::int64_t{static_cast<std::int32_t>(code)}
                                              : std::int64_t{code};
}

void LabelRows::read(std::int64_t first_row, LabelStrip& strip) {
    Implementation& own = *implementation_;
    strip.first_row = first_row;
    strip.rows = static_cast<int>(std::min<std::int64_t>(own.rows, own.info.height - first_row));
    const std::size_t count = static_cast<std::size_t>(own.info.width) * static_cast<std::size_t>(strip.rows);
    strip.codes.resize(count);
    own.transfer(*own.band, strip, strip.codes.data(), own.type);
    strip.known.clear();
    if (own.has_mask) {
        strip.known.resize(count);
        own.transfer(*own.band->GetMaskBand(), strip, strip.known.data(), GDT_Byte);
    } else if (own.nodata) {
        strip.known.resize(count);
        std::transform(
            strip.codes.begin(), strip.codes.end(), strip.known.begin(),
            [nodata = *own.nodata](std::uint32_t code) { return static_cast<std::uint8_t>(code != nodata); });
    }
}

}  // namespace landseam::raster
