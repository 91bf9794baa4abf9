#include "raster/scene_description.h"

#include "raster/band_metadata.h"
#include "raster/scene_checks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <cpl_string.h>
#include <gdal_priv.h>
#include <ogr_spatialref.h>

namespace landseam::raster {
namespace {

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

std::optional<double> nodata_of(GDALRasterBand& band) {
    int has = FALSE;
    double value = 0;
    if (band.GetRasterDataType() == GDT_Int64)
        value = static_cast<double>(band.GetNoDataValueAsInt64(&has));
    else if (band.GetRasterDataType() == GDT_UInt64)
        value = static_cast<double>(band.GetNoDataValueAsUInt64(&has));
    else
        value = band.GetNoDataValue(&has);
    return has ? std::optional<double>(value) : std::nullopt;
}

bool is_palette(GDALRasterBand& band) {
    return band.GetColorInterpretation() == GCI_PaletteIndex && band.GetColorTable() != nullptr;
}

std::vector<std::array<std::uint8_t, 4>> palette_of(GDALRasterBand& band) {
    const GDALColorTable& table = *band.GetColorTable();
    std::vector<std::array<std::uint8_t, 4>> palette(table.GetColorEntryCount());
    for (int i = 0; i < table.GetColorEntryCount(); ++i) {
        GDALColorEntry entry{};
        table.GetColorEntryAsRGB(i, &entry);
        const short parts[] = {entry.c1, entry.c2, entry.c3, entry.c4};
        for (int c = 0; c < 4; ++c)
            palette[i][c] = static_cast<std::uint8_t>(std::clamp<short>(parts[c], 0, 255));
    }
    return palette;
}

BandSource source_of(GDALRasterBand& band) {
    BandSource source;
    source.gdal_band = band.GetBand();
    source.nodata = nodata_of(band);
    source.float32 = band.GetRasterDataType() == GDT_Float32;
    const char* pixel_type = band.GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE");
    source.signed_byte =
        band.GetRasterDataType() == GDT_Byte && pixel_type && EQUAL(pixel_type, "SIGNEDBYTE");
    const int flags = band.GetMaskFlags();
    source.gdal_mask = !(flags & (GMF_ALL_VALID | GMF_ALPHA)) && flags != GMF_NODATA;
    return source;
}

BandDescription description_of(GDALRasterBand& band) {
    BandDescription description;
    description.description = band_name(band);
    description.wavelength_nm = band_wavelength_nm(band);
    description.color_interpretation =
        lower_case(GDALGetColorInterpretationName(band.GetColorInterpretation()));
    description.data_type = GDALGetDataTypeName(band.GetRasterDataType());
    description.nodata = nodata_of(band);
    description.scale = band.GetScale();
    description.offset = band.GetOffset();
    return description;
}

void add_band(GDALRasterBand& band, SceneInfo& info, SceneLayout& layout) {
    BandDescription description = description_of(band);
    BandSource source = source_of(band);
    const bool palette = is_palette(band);
    if (palette) source.palette = palette_of(band);
    for (int component = palette ? 0 : -1; component < (palette ? 3 : 0); ++component) {
        if (palette) {
            static const char* const colours[] = {"red", "green", "blue"};
            description.color_interpretation = colours[component];
            description.data_type = "Byte";
            description.nodata.reset();  // the index's, not the colour's
        }
        source.palette_component = component;
        description.number = static_cast<int>(info.bands.size()) + 1;
        info.bands.push_back(description);
        layout.bands.push_back(source);
    }
}

// Alpha is nearly everywhere nothing or all. A band that is mostly between its extremes is a picture: aerial
// products (NAIP among them) mark their near infrared as alpha, because TIFF's fourth sample often is.
bool looks_like_picture(GDALRasterBand& band) {
    constexpr int kGrid = 5, kSide = 32;
    std::vector<double> samples;
    std::vector<double> block;
    for (int i = 0; i < kGrid * kGrid; ++i) {
        const int width = std::min(kSide, band.GetXSize()), height = std::min(kSide, band.GetYSize());
        const auto x =
            static_cast<int>(static_cast<std::int64_t>(band.GetXSize() - width) * (i % kGrid) / (kGrid - 1));
        const auto y =
            static_cast<int>(static_cast<std::int64_t>(band.GetYSize() - height) * (i / kGrid) / (kGrid - 1));
        block.resize(static_cast<std::size_t>(width) * height);
        if (band.RasterIO(GF_Read, x, y, width, height, block.data(), width, height, GDT_Float64, 0, 0,
                          nullptr) == CE_None)
            samples.insert(samples.end(), block.begin(), block.end());
    }
    if (samples.empty()) return false;
    const double top = *std::max_element(samples.begin(), samples.end());
    const auto between = std::count_if(samples.begin(), samples.end(), [&](double value) {
        return value > 0.02 * top && value < 0.98 * top;
    });
    return between * 2 > static_cast<std::ptrdiff_t>(samples.size());
}

int first_alpha_band(GDALDataset& dataset) {
    for (auto* band : dataset.GetBands())
        if (band->GetColorInterpretation() == GCI_AlphaBand) return band->GetBand();
    return 0;
}

void describe_alpha(GDALDataset& dataset, SceneInfo& info, SceneLayout& layout) {
    constexpr int kFewestBands = 4;  // three of a picture and a fourth that may belong to it
    int alpha = first_alpha_band(dataset);
    if (alpha && dataset.GetRasterCount() >= kFewestBands &&
        looks_like_picture(*dataset.GetRasterBand(alpha))) {
        info.warnings.push_back(
            "band " + std::to_string(alpha) +
            " is tagged as alpha but holds a picture (near infrared, most likely): it is read as an "
            "image band and masks nothing");
        alpha = 0;
    }
    layout.alpha_band = alpha;
    for (std::size_t i = 0; i < info.bands.size(); ++i) {
        const auto interpretation =
            dataset.GetRasterBand(layout.bands[i].gdal_band)->GetColorInterpretation();
        if (alpha == 0 || interpretation != GCI_AlphaBand)
            info.image_bands.push_back(static_cast<int>(i) + 1);
    }
}

void describe_crs(const OGRSpatialReference& crs, SceneInfo& info) {
    char* wkt = nullptr;
    const char* const options[] = {"FORMAT=WKT2_2019", nullptr};
    if (crs.exportToWkt(&wkt, options) == OGRERR_NONE && wkt) info.crs_wkt = wkt;
    CPLFree(wkt);
    if (info.crs_wkt.empty()) {
        info.warnings.push_back("its coordinate reference system cannot be written as WKT2 and is left out");
        return;
    }
    info.crs_name = crs.GetName() ? crs.GetName() : "";
    const char *authority = crs.GetAuthorityName(nullptr), *code = crs.GetAuthorityCode(nullptr);
    if (authority && code) info.crs_code = std::string(authority) + ":" + code;
}

void describe_place(GDALDataset& dataset, SceneInfo& info) {
    GeoTransform transform;
    const OGRSpatialReference* crs = dataset.GetSpatialRef();
    const bool placed = dataset.GetGeoTransform(transform.c.data()) == CE_None;
    if (!placed || (transform.is_identity() && !crs)) {
        info.warnings.push_back("no georeference: places and sizes are in pixels");
        return;
    }
    info.geo_transform = transform;
    if (crs && !crs->IsEmpty())
        describe_crs(*crs, info);
    else
        info.warnings.push_back("no coordinate reference system: sizes in metres are not known");
}

}  // namespace

std::pair<SceneInfo, SceneLayout> describe_scene(GDALDataset& dataset, const std::string& path) {
    SceneInfo info;
    SceneLayout layout;
    info.path = path;
    info.driver = dataset.GetDriver() ? dataset.GetDriver()->GetDescription() : "";
    info.width = layout.width = dataset.GetRasterXSize();
    info.height = layout.height = dataset.GetRasterYSize();
    for (auto* band : dataset.GetBands()) add_band(*band, info, layout);
    GDALRasterBand& first = *dataset.GetRasterBand(1);
    info.overviews = first.GetOverviewCount();
    first.GetBlockSize(&info.block_width, &info.block_height);
    describe_place(dataset, info);
    describe_alpha(dataset, info, layout);
    const std::size_t pages = subdataset_names(dataset).size();
    if (pages > 1)
        info.warnings.push_back(
            "the file holds " + std::to_string(pages) +
            " rasters, of which the first is read; the others are opened by their own names "
            "(`gdalinfo` lists them)");
    return {info, layout};
}

}  // namespace landseam::raster
