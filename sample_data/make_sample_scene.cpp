// Draws the sample scene: town_edge.tif and its truth, town_edge_truth.gpkg. The same call gives the same
// bytes.
//     make_sample_scene OUT_FOLDER [SEED]
#include "landseam/core/error.h"
#include "landseam/core/geo_transform.h"
#include "landseam/scene_maker/scene.h"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <gdal_priv.h>
#include <ogrsf_frmts.h>

namespace {

using landseam::Error;
using landseam::GeoTransform;
using landseam::scene_maker::Scene;
using landseam::scene_maker::SceneOptions;

struct DatasetCloser {
    void operator()(GDALDataset* dataset) const { GDALClose(dataset); }
};
using DatasetHandle = std::unique_ptr<GDALDataset, DatasetCloser>;

// Closed, a dataset has been written, or GDAL has said why not.
void close(DatasetHandle dataset, const std::string& path) {
    CPLErrorReset();
    dataset.reset();
    if (CPLGetLastErrorType() >= CE_Failure) throw Error(path, CPLGetLastErrorMsg());
}

OGRSpatialReference utm_zone_32() {
    OGRSpatialReference crs;
    if (crs.importFromEPSG(32632) != OGRERR_NONE)
        throw Error("EPSG:32632", "is unknown to PROJ", "set PROJ_DATA");
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

DatasetHandle create(const std::string& driver_name, const std::string& path, int width, int height,
                     int bands, GDALDataType type, char** options) {
    GDALDriver* driver = GetGDALDriverManager()->GetDriverByName(driver_name.c_str());
    if (driver == nullptr) throw Error(driver_name, "is not a driver of this GDAL", "install GDAL with it");
    DatasetHandle dataset(driver->Create(path.c_str(), width, height, bands, type, options));
    if (!dataset) throw Error(path, CPLGetLastErrorMsg());
    return dataset;
}

void write_picture(const Scene& scene, const GeoTransform& transform, const std::string& path) {
    CPLStringList options;
    for (const char* option :
         {"TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE", "PREDICTOR=2", "ZLEVEL=9",
          "INTERLEAVE=BAND", "PHOTOMETRIC=MINISBLACK", "ALPHA=NO"})
        options.AddString(option);
    DatasetHandle dataset = create("GTiff", path, scene.width, scene.height, 4, GDT_UInt16, options.List());
    std::array<double, 6> affine = transform.c;
    dataset->SetGeoTransform(affine.data());
    const OGRSpatialReference crs = utm_zone_32();
    dataset->SetSpatialRef(&crs);
    const char* names[] = {"red", "green", "blue", "nir"};
    const GDALColorInterp colours[] = {GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_Undefined};
    for (int i = 0; i < 4; ++i) {
        GDALRasterBand* band = dataset->GetRasterBand(i + 1);
        band->SetDescription(names[i]);
        band->SetColorInterpretation(colours[i]);
        band->SetNoDataValue(0);
    }
    for (int i = 0; i < 4; ++i) {
        auto* values = const_cast<std::uint16_t*>(scene.bands[static_cast<std::size_t>(i)].values.data());
        if (dataset->GetRasterBand(i + 1)->RasterIO(GF_Write, 0, 0, scene.width, scene.height, values,
                                                    scene.width, scene.height, GDT_UInt16, 0, 0,
                                                    nullptr) != CE_None)
            throw Error(path, CPLGetLastErrorMsg());
    }
    close(std::move(dataset), path);
}

void add_ring(OGRPolygon& polygon, const landseam::Ring& ring, const GeoTransform& transform) {
    auto* line = new OGRLinearRing;  // the polygon takes it
    for (const landseam::Point& pixel : ring) {
        const landseam::Point world = transform.to_world(pixel);
        line->addPoint(world.x, world.y);
    }
    line->closeRings();
    polygon.addRingDirectly(line);
}

void write_truth(const Scene& scene, const GeoTransform& transform, const std::string& path) {
    DatasetHandle dataset = create("GPKG", path, 0, 0, 0, GDT_Unknown, nullptr);
    OGRSpatialReference crs = utm_zone_32();
    OGRLayer* layer = dataset->CreateLayer("truth", &crs, wkbMultiPolygon, nullptr);
    OGRFieldDefn class_field("class", OFTString), id_field("id", OFTInteger),
        pixels_field("visible_px", OFTInteger64);
    if (layer == nullptr || layer->CreateField(&class_field) != OGRERR_NONE ||
        layer->CreateField(&id_field) != OGRERR_NONE || layer->CreateField(&pixels_field) != OGRERR_NONE ||
        layer->StartTransaction() != OGRERR_NONE)
        throw Error(path, CPLGetLastErrorMsg());
    for (const auto& object : scene.objects) {
        OGRMultiPolygon shape;
        for (const landseam::Polygon& part : object.outline) {
            OGRPolygon polygon;
            add_ring(polygon, part.outer, transform);
            for (const landseam::Ring& hole : part.holes) add_ring(polygon, hole, transform);
            shape.addGeometry(&polygon);
        }
        OGRFeature feature(layer->GetLayerDefn());
        feature.SetField("class", object.class_name.c_str());
        feature.SetField("id", object.id);
        feature.SetField("visible_px", static_cast<GIntBig>(object.visible_pixels));
        feature.SetGeometry(&shape);
        if (layer->CreateFeature(&feature) != OGRERR_NONE) throw Error(path, CPLGetLastErrorMsg());
    }
    if (layer->CommitTransaction() != OGRERR_NONE) throw Error(path, CPLGetLastErrorMsg());
    close(std::move(dataset), path);
}

void make_sample_scene(const std::filesystem::path& folder, const SceneOptions& options) {
    std::filesystem::create_directories(folder);
    const std::string picture = (folder / "town_edge.tif").string();
    const std::string truth = (folder / "town_edge_truth.gpkg").string();
    for (const std::string& path : {picture, truth}) std::filesystem::remove(path);
    const Scene scene = landseam::scene_maker::make_scene(options);
    const double gsd = options.gsd_m;
    const GeoTransform transform{{{698412.6, gsd, 0, 5362871.4, 0, -gsd}}};
    write_picture(scene, transform, picture);
    write_truth(scene, transform, truth);
    std::printf("%s\n%s: %zu objects\n", picture.c_str(), truth.c_str(), scene.objects.size());
}

std::uint64_t parse_seed(const std::string& text) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error != std::errc() || end != text.data() + text.size())
        throw Error(text, "is not a seed", "give a whole number, 0 or more", landseam::ErrorKind::usage);
    return seed;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3 || argv[1][0] == '-') {
        std::fprintf(stderr, "usage: make_sample_scene OUT_FOLDER [SEED]\n");
        return 2;
    }
    GDALAllRegister();
    // GeoPackage notes when it was written; a fixed day keeps the bytes the same.
    CPLSetConfigOption("OGR_CURRENT_DATE", "2024-01-01T00:00:00.000Z");
    try {
        SceneOptions options;
        if (argc == 3) options.seed = parse_seed(argv[2]);
        make_sample_scene(argv[1], options);
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return error.kind() == landseam::ErrorKind::usage ? 2 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
