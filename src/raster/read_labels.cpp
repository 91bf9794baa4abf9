#include "landseam/raster/read_labels.h"

#include "landseam/core/error.h"
#include "landseam/raster/raster_source.h"

#include "raster/gdal_messages.h"
#include "raster/scene_checks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include <gdal_priv.h>
#include <gdalwarper.h>

namespace landseam::raster {
namespace {

constexpr std::int32_t kNoValue = std::numeric_limits<std::int32_t>::min();
constexpr int kStripRows = 512;

class LabelFile {
public:
    LabelFile(const std::string& path, const SceneInfo& scene);

    bool colors() const { return palette_ || bands_ == 3; }
    // Fills the rows [y, y + rows) of `out`, which begin at `box` of the scene.
    void read(const PixelBox& box, LabelPixels& out, int y);

private:
    bool on_scene_grid() const;
    void read_stored(const PixelBox& box);
    void read_warped(const PixelBox& box);
    void decode(LabelPixels& out, int y, std::size_t count) const;
    [[noreturn]] void refuse_to_read() const {
        throw Error(path_, "cannot be read as labels: " + messages_.cause("GDAL gives no reason"),
                    "the file may be damaged: fetch it again");
    }

    const std::string& path_;
    const SceneInfo& scene_;
    const GdalMessages messages_;
    std::unique_ptr<GDALDataset> dataset_;
    const GDALColorTable* palette_ = nullptr;
    int bands_ = 1;
    bool placed_ = false;                              // by georeference, else by its size
    std::array<std::vector<std::int32_t>, 3> values_;  // of the rows read last
    std::vector<std::uint8_t> mask_;
};

LabelFile::LabelFile(const std::string& path, const SceneInfo& scene)
    : path_(path), scene_(scene), dataset_(open_dataset(path, {}, messages_)) {
    check_readable(*dataset_, path);
    GDALRasterBand& first = *dataset_->GetRasterBand(1);
    palette_ = first.GetColorTable();
    if (!palette_ && dataset_->GetRasterCount() >= 3 && first.GetRasterDataType() == GDT_Byte) bands_ = 3;
    std::array<double, 6> ignored{};
    placed_ = scene.geo_transform && dataset_->GetGeoTransform(ignored.data()) == CE_None && !on_scene_grid();
    if (!placed_ && (dataset_->GetRasterXSize() != scene.width || dataset_->GetRasterYSize() != scene.height))
        throw Error(path,
                    "has " + std::to_string(dataset_->GetRasterXSize()) + " by " +
                        std::to_string(dataset_->GetRasterYSize()) + " pixels, and the scene '" + scene.path +
                        "' " + std::to_string(scene.width) + " by " + std::to_string(scene.height) +
                        ", with no georeference in both to place one on the other",
                    "give labels of the scene's size, or georeference both");
}

bool LabelFile::on_scene_grid() const {
    if (dataset_->GetRasterXSize() != scene_.width || dataset_->GetRasterYSize() != scene_.height)
        return false;
    std::array<double, 6> own{};
    dataset_->GetGeoTransform(own.data());
    const auto& c = scene_.geo_transform->c;
    const double pixel = std::max({std::abs(c[1]), std::abs(c[2]), std::abs(c[4]), std::abs(c[5])});
    for (std::size_t i = 0; i < own.size(); ++i)
        if (std::abs(own[i] - c[i]) > (i % 3 == 0 ? 1e-3 * pixel : 1e-9 * pixel)) return false;
    const OGRSpatialReference* crs = dataset_->GetSpatialRef();
    if (!crs || scene_.crs_wkt.empty()) return true;
    OGRSpatialReference of_scene;
    return of_scene.importFromWkt(scene_.crs_wkt.c_str()) == OGRERR_NONE && crs->IsSame(&of_scene);
}

void LabelFile::read_stored(const PixelBox& box) {
    const int x = static_cast<int>(box.x), y = static_cast<int>(box.y);
    const int width = static_cast<int>(box.width), rows = static_cast<int>(box.height);
    for (int band = 1; band <= bands_; ++band)
        if (dataset_->GetRasterBand(band)->RasterIO(GF_Read, x, y, width, rows, values_[band - 1].data(),
                                                    width, rows, GDT_Int32, 0, 0, nullptr) != CE_None)
            refuse_to_read();
    if (dataset_->GetRasterBand(1)->GetMaskBand()->RasterIO(GF_Read, x, y, width, rows, mask_.data(), width,
                                                            rows, GDT_Byte, 0, 0, nullptr) != CE_None)
        refuse_to_read();
}

void LabelFile::read_warped(const PixelBox& box) {
    const int width = static_cast<int>(box.width), rows = static_cast<int>(box.height);
    GDALDriver* memory = GetGDALDriverManager()->GetDriverByName("MEM");
    const std::unique_ptr<GDALDataset> grid(
        memory ? memory->Create("", width, rows, bands_, GDT_Int32, nullptr) : nullptr);
    if (!grid) refuse_to_read();
    GeoTransform transform =
        scene_.geo_transform->resampled({static_cast<double>(box.x), static_cast<double>(box.y)}, 1, 1);
    grid->SetGeoTransform(transform.c.data());
    grid->SetProjection(scene_.crs_wkt.c_str());
    for (int band = 1; band <= bands_; ++band) grid->GetRasterBand(band)->Fill(kNoValue);
    if (GDALReprojectImage(dataset_.get(), nullptr, grid.get(), nullptr, GRA_NearestNeighbour, 0, 0, nullptr,
                           nullptr, nullptr) != CE_None)
        refuse_to_read();
    for (int band = 1; band <= bands_; ++band)
        if (grid->GetRasterBand(band)->RasterIO(GF_Read, 0, 0, width, rows, values_[band - 1].data(), width,
                                                rows, GDT_Int32, 0, 0, nullptr) != CE_None)
            refuse_to_read();
    std::transform(values_[0].begin(), values_[0].end(), mask_.begin(),
                   [](std::int32_t value) { return static_cast<std::uint8_t>(value != kNoValue); });
}

void LabelFile::decode(LabelPixels& out, int y, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) {
        std::int32_t value = values_[0][i];
        bool known = mask_[i] != 0;
        if (palette_ && known) {
            const GDALColorEntry* color = palette_->GetColorEntry(value);
            known = color && color->c4 != 0;
            if (known) value = color->c1 * 65536 + color->c2 * 256 + color->c3;
        } else if (bands_ == 3) {
            value = values_[0][i] * 65536 + values_[1][i] * 256 + values_[2][i];
        }
        out.values.row(y)[i] = known ? value : 0;
        out.known.row(y)[i] = known;
    }
}

void LabelFile::read(const PixelBox& box, LabelPixels& out, int y) {
    const auto count = static_cast<std::size_t>(box.area());
    for (auto& values : values_) values.resize(count);
    mask_.resize(count);
    placed_ ? read_warped(box) : read_stored(box);
    decode(out, y, count);
}

}  // namespace

LabelPixels read_labels(const std::string& path, const SceneInfo& scene, const PixelBox& window) {
    register_gdal();
    LabelFile file(path, scene);
    LabelPixels labels;
    const int width = static_cast<int>(window.width), height = static_cast<int>(window.height);
    labels.values = Image<std::int32_t>(width, height);
    labels.known = ImageU8(width, height);
    labels.colors = file.colors();
    for (int y = 0; y < height; y += kStripRows)
        file.read({window.x, window.y + y, window.width, std::min(kStripRows, height - y)}, labels, y);
    return labels;
}

}  // namespace landseam::raster
