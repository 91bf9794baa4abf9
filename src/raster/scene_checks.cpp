#include "raster/scene_checks.h"

#include "landseam/core/geo_transform.h"

#include <algorithm>
#include <cmath>

#include <cpl_string.h>
#include <cpl_vsi.h>

namespace landseam::raster {
namespace {

// Beyond it GDAL's web-mercator transformation wraps longitudes for ever.
constexpr double kFarthest = 1e12;

std::string gdal_path(const std::string& path) {
    const bool url = path.rfind("http://", 0) == 0 || path.rfind("https://", 0) == 0;
    return url ? "/vsicurl/" + path : path;
}

std::string without_prefix(const std::string& text, const std::string& prefix) {
    return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : text;
}

bool is_vector_file(const std::string& path) {
    GdalMessages ignored;
    std::unique_ptr<GDALDataset> dataset(GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY));
    return dataset && dataset->GetLayerCount() > 0;
}

bool has_jpeg2000_extension(const std::string& path) {
    const std::string extension = CPLGetExtension(path.c_str());
    return EQUAL(extension.c_str(), "jp2") || EQUAL(extension.c_str(), "j2k") ||
           EQUAL(extension.c_str(), "jpx");
}

bool reads_jpeg2000() {
    for (const char* driver : {"JP2OpenJPEG", "JP2KAK", "JP2ECW", "JP2MrSID", "JP2Lura", "JPEG2000"})
        if (GDALGetDriverByName(driver)) return true;
    return false;
}

[[noreturn]] void refuse_to_open(const std::string& path, const GdalMessages& messages) {
    const std::string name = gdal_path(path);
    std::string cause = messages.cause("GDAL cannot open it");
    const ErrorKind kind = failure_kind(path, cause);
    VSIStatBufL stat;
    const bool exists = VSIStatL(name.c_str(), &stat) == 0;
    if (exists && VSI_ISDIR(stat.st_mode))
        throw Error(path, "is a folder, not a raster", "name the file inside it");
    if (is_vector_file(name)) throw Error(path, "holds vector data, not a raster", "give a raster");
    if (exists && has_jpeg2000_extension(path) && !reads_jpeg2000())
        throw Error(path, "is a JPEG 2000 file and this GDAL has no driver for those",
                    "install GDAL's JP2OpenJPEG driver or convert the file to GeoTIFF elsewhere");
    if (cause.find("not recognized as") != std::string::npos)
        throw Error(path, "is not in a raster format that this GDAL knows",
                    "check that the file is whole; `gdalinfo --formats` lists the known formats", kind);
    cause = without_prefix(without_prefix(cause, name + ": "), path + ": ");
    if (cause.find("Range downloading") != std::string::npos)
        throw Error(path, "its server does not give parts of files", "download it first");
    if (kind == ErrorKind::passing) throw Error(path, cause, "check the network and try again", kind);
    throw Error(path, cause, exists ? "check that the file is whole with `gdalinfo`" : "check the path");
}

void check_transform(const GeoTransform& transform, GDALDataset& dataset, const std::string& path) {
    const std::string remedy =
        "correct it: gdal_translate -a_ullr WEST NORTH EAST SOUTH '" + path + "' corrected.tif";
    if (transform.determinant() == 0)
        throw Error(path, "its geotransform maps pixels to a line, so nothing can be placed", remedy);
    const double width = dataset.GetRasterXSize(), height = dataset.GetRasterYSize();
    for (const Point corner : {Point{0, 0}, Point{width, 0}, Point{0, height}, Point{width, height}}) {
        const Point world = transform.to_world(corner);
        // Also false for NaN.
        if (!(std::abs(world.x) <= kFarthest && std::abs(world.y) <= kFarthest))
            throw Error(path, "its geotransform places it nowhere on a planet", remedy);
    }
    if (!std::isfinite(transform.determinant()))
        throw Error(path, "its geotransform is not made of finite numbers", remedy);
}

[[noreturn]] void refuse_container(const std::vector<std::string>& names, const std::string& path) {
    constexpr std::size_t kShown = 4;
    std::string list;
    for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) list += (i ? ", " : "") + names[i];
    if (names.size() > kShown) list += " and " + std::to_string(names.size() - kShown) + " more";
    throw Error(path, "is a container of " + std::to_string(names.size()) + " rasters",
                "open one of them: " + list);
}

// The command that gives the scene a grid, if it has none but could be given one.
std::string warp_remedy(GDALDataset& dataset, const std::string& path) {
    const std::string files = " '" + path + "' warped.tif";
    const int points = dataset.GetGCPCount();
    if (points >= 3) return "gdalwarp " + std::string(points >= 6 ? "-tps" : "-order 1") + files;
    if (dataset.GetMetadata("RPC")) return "gdalwarp -rpc -t_srs EPSG:4326" + files;
    if (dataset.GetMetadata("GEOLOCATION")) return "gdalwarp -geoloc -t_srs EPSG:4326" + files;
    return {};
}

std::string placed_by(GDALDataset& dataset) {
    if (dataset.GetGCPCount() > 0) return std::to_string(dataset.GetGCPCount()) + " ground control points";
    return dataset.GetMetadata("RPC") ? "RPCs" : "geolocation arrays";
}

void check_types(GDALDataset& dataset, const std::string& path, const std::string& warp) {
    for (const auto* band : dataset.GetBands()) {
        if (!GDALDataTypeIsComplex(const_cast<GDALRasterBand*>(band)->GetRasterDataType())) continue;
        const std::string input = warp.empty() ? "'" + path + "'" : "warped.tif";
        throw Error(path,
                    "band " + std::to_string(const_cast<GDALRasterBand*>(band)->GetBand()) +
                        " holds complex numbers, which are no picture",
                    "make an amplitude raster first: " + (warp.empty() ? "" : warp + " && ") +
                        "gdal_calc.py -A " + input +
                        " --calc=\"abs(A)\" --type=Float32 --outfile=amplitude.tif");
    }
}

}  // namespace

std::unique_ptr<GDALDataset> open_dataset(const std::string& path,
                                          const std::vector<std::string>& open_options,
                                          const GdalMessages& messages) {
    if (path.empty()) throw Error("", "no raster is named", "give the path of one", ErrorKind::usage);
    CPLStringList options;
    for (const std::string& option : open_options) options.AddString(option.c_str());
    const std::string name = gdal_path(path);
    std::unique_ptr<GDALDataset> dataset(
        GDALDataset::Open(name.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, nullptr,
                          options.List(), nullptr));
    if (!dataset) refuse_to_open(path, messages);
    return dataset;
}

std::vector<std::string> subdataset_names(GDALDataset& dataset) {
    std::vector<std::string> names;
    const CPLStringList items(dataset.GetMetadata("SUBDATASETS"), FALSE);
    for (int i = 1;; ++i) {
        const char* name = items.FetchNameValue(("SUBDATASET_" + std::to_string(i) + "_NAME").c_str());
        if (!name) return names;
        names.push_back(name);
    }
}

void check_readable(GDALDataset& dataset, const std::string& path) {
    if (dataset.GetRasterCount() == 0) {
        const std::vector<std::string> names = subdataset_names(dataset);
        if (!names.empty()) refuse_container(names, path);
        throw Error(path, "has no raster bands", "give a raster");
    }
    GeoTransform transform;
    const bool placed = dataset.GetGeoTransform(transform.c.data()) == CE_None;
    // Where points or RPCs place a scene, a geotransform without a CRS is a leftover.
    const bool usable = placed && !transform.is_identity() && dataset.GetSpatialRef();
    const std::string warp = usable ? "" : warp_remedy(dataset, path);
    check_types(dataset, path, warp);
    if (!warp.empty())
        throw Error(path, "is placed by " + placed_by(dataset) + ", not by a geotransform",
                    "warp it first: " + warp);
    if (placed) check_transform(transform, dataset, path);
}

}  // namespace landseam::raster
