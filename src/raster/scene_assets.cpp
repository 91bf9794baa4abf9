#include "landseam/raster/scene_assets.h"

#include "landseam/core/error.h"
#include "landseam/raster/raster_source.h"

#include "raster/gdal_messages.h"
#include "raster/scene_checks.h"

#include <cmath>
#include <memory>

#include <gdal_priv.h>
#include <gdal_utils.h>
#include <ogr_spatialref.h>

namespace landseam::raster {
namespace {

using Dataset = std::unique_ptr<GDALDataset>;

std::optional<LonLatBox> lon_lat_box(const SceneInfo& info) {
    if (!info.geo_transform || info.crs_wkt.empty()) return std::nullopt;
    OGRSpatialReference from, to;
    from.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    to.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    if (from.importFromWkt(info.crs_wkt.c_str()) != OGRERR_NONE || to.importFromEPSG(4326) != OGRERR_NONE)
        return std::nullopt;
    const std::unique_ptr<OGRCoordinateTransformation> transformation(
        OGRCreateCoordinateTransformation(&from, &to));
    if (!transformation) return std::nullopt;
    const auto w = static_cast<double>(info.width), h = static_cast<double>(info.height);
    double min_x = INFINITY, min_y = INFINITY, max_x = -INFINITY, max_y = -INFINITY;
    for (const Point corner : {Point{0, 0}, Point{w, 0}, Point{0, h}, Point{w, h}}) {
        const Point world = info.geo_transform->to_world(corner);
        min_x = std::min(min_x, world.x), max_x = std::max(max_x, world.x);
        min_y = std::min(min_y, world.y), max_y = std::max(max_y, world.y);
    }
    LonLatBox box{};
    constexpr int points_a_side = 21;
    if (!transformation->TransformBounds(min_x, min_y, max_x, max_y, &box[0], &box[1], &box[2], &box[3],
                                         points_a_side))
        return std::nullopt;
    for (const double degrees : box)
        if (!std::isfinite(degrees)) return std::nullopt;
    return box;
}

// The file with everything that is known of it, in a form that names can be given to.
Dataset as_vrt(GDALDataset& source) {
    char* arguments[] = {const_cast<char*>("-of"), const_cast<char*>("VRT"), nullptr};
    const std::unique_ptr<GDALTranslateOptions, void (*)(GDALTranslateOptions*)> options(
        GDALTranslateOptionsNew(arguments, nullptr), GDALTranslateOptionsFree);
    return Dataset(GDALDataset::FromHandle(GDALTranslate("", &source, options.get(), nullptr)));
}

Dataset stack_of(const std::vector<Dataset>& sources) {
    char* arguments[] = {const_cast<char*>("-separate"), const_cast<char*>("-resolution"),
                         const_cast<char*>("highest"),   const_cast<char*>("-r"),
                         const_cast<char*>("bilinear"),  nullptr};
    const std::unique_ptr<GDALBuildVRTOptions, void (*)(GDALBuildVRTOptions*)> options(
        GDALBuildVRTOptionsNew(arguments, nullptr), GDALBuildVRTOptionsFree);
    std::vector<GDALDatasetH> handles;
    for (const Dataset& source : sources) handles.push_back(source.get());
    return Dataset(GDALDataset::FromHandle(
        GDALBuildVRT("", static_cast<int>(handles.size()), handles.data(), nullptr, options.get(), nullptr)));
}

void check_stackable(const std::vector<Asset>& assets, const std::vector<Dataset>& sources) {
    const OGRSpatialReference* first = sources.front()->GetSpatialRef();
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const std::string& path = assets[i].path;
        if (sources[i]->GetRasterCount() != 1)
            throw Error(path,
                        "has " + std::to_string(sources[i]->GetRasterCount()) +
                            " bands, so it cannot be one band of a scene",
                        "name assets of one band each, or this one alone");
        double transform[6];
        const OGRSpatialReference* crs = sources[i]->GetSpatialRef();
        if (!crs || !first || sources[i]->GetGeoTransform(transform) != CE_None)
            throw Error(path, "has no georeference, so it cannot be laid over other files",
                        "name one asset alone");
        const char* const lenient[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", "CRITERION=EQUIVALENT",
                                       nullptr};
        if (!crs->IsSame(first, lenient))
            throw Error(path, "is in another coordinate reference system than '" + assets.front().path + "'",
                        "bring the files into one first");
        if (transform[2] != 0 || transform[4] != 0)
            throw Error(path, "is rotated, so it cannot be laid over other files", "name one asset alone");
    }
}

void name_bands(GDALDataset& vrt, const std::vector<AssetBand>& bands) {
    for (int i = 0; i < vrt.GetRasterCount() && i < static_cast<int>(bands.size()); ++i) {
        GDALRasterBand& band = *vrt.GetRasterBand(i + 1);
        const AssetBand& told = bands[static_cast<std::size_t>(i)];
        // "B04 - red": presets know one or the other.
        const bool both = !told.name.empty() && !told.common_name.empty() && told.name != told.common_name;
        const std::string name = both ? told.name + " - " + told.common_name
                                      : told.name + (told.name.empty() ? told.common_name : "");
        if (!name.empty()) band.SetDescription(name.c_str());
        if (told.wavelength_um)
            band.SetMetadataItem("CENTRAL_WAVELENGTH_UM", std::to_string(*told.wavelength_um).c_str(),
                                 "IMAGERY");
    }
}

}  // namespace

SceneOutline scene_outline(const std::string& path) {
    const auto source = open_scene(path);
    const GdalMessages unheard;
    return {source->info().width, source->info().height, lon_lat_box(source->info())};
}

void write_asset_stack(const std::string& path, const std::vector<Asset>& assets) {
    if (assets.empty()) throw Error(path, "there is no file to make a scene of");
    register_gdal();
    const GdalMessages messages;
    std::vector<Dataset> sources;
    for (const Asset& asset : assets) sources.push_back(open_dataset(asset.path, {}, messages));
    if (sources.size() > 1) check_stackable(assets, sources);
    const Dataset vrt = sources.size() == 1 ? as_vrt(*sources.front()) : stack_of(sources);
    if (!vrt || (sources.size() > 1 && vrt->GetRasterCount() != static_cast<int>(sources.size())))
        throw Error(assets.front().path,
                    "cannot be made one scene with the others: " + messages.cause("GDAL does not say why"));
    std::vector<AssetBand> bands;
    for (const Asset& asset : assets) bands.insert(bands.end(), asset.bands.begin(), asset.bands.end());
    if (static_cast<int>(bands.size()) == vrt->GetRasterCount()) name_bands(*vrt, bands);

    GDALDriver* driver = GetGDALDriverManager()->GetDriverByName("VRT");
    const Dataset copy(driver->CreateCopy(path.c_str(), vrt.get(), FALSE, nullptr, nullptr, nullptr));
    if (!copy)
        throw Error(path, "cannot be written: " + messages.cause("GDAL does not say why"),
                    "check the folder and its room");
}

}  // namespace landseam::raster
