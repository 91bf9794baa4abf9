// landseam vectorize, held against GDAL's own polygonizing.
#include "landseam/output/layer_reader.h"
#include "landseam/scene_maker/label_map.h"
#include "landseam/vectors/simplify.h"

#include "apps/run_program.h"
#include "support/temporary_folder.h"

#include <cmath>
#include <fstream>
#include <map>

#include <gdal_alg.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>

namespace landseam::test {
namespace {

using testing::HasSubstr;

// Labels of awkward shapes on pixels of half a metre.
void write_labels(const std::string& path, const Image<std::int32_t>& labels, GDALDataType type = GDT_UInt16,
                  double nodata = std::nan("")) {
    GDALAllRegister();
    auto* dataset = GetGDALDriverManager()->GetDriverByName("GTiff")->Create(path.c_str(), labels.width,
                                                                             labels.height, 1, type, nullptr);
    OGRSpatialReference crs;
    crs.importFromEPSG(32632);
    dataset->SetSpatialRef(&crs);
    double transform[6] = {500000, 0.5, 0, 4200000, 0, -0.5};
    dataset->SetGeoTransform(transform);
    if (!std::isnan(nodata)) dataset->GetRasterBand(1)->SetNoDataValue(nodata);
    ASSERT_EQ(dataset->GetRasterBand(1)->RasterIO(GF_Write, 0, 0, labels.width, labels.height,
                                                  const_cast<std::int32_t*>(labels.values.data()),
                                                  labels.width, labels.height, GDT_Int32, 0, 0, nullptr),
              CE_None);
    GDALClose(dataset);
}

struct LabelSum {
    double area = 0;
    int polygons = 0;
    friend bool operator==(const LabelSum& a, const LabelSum& b) {
        return a.area == b.area && a.polygons == b.polygons;
    }
};
std::ostream& operator<<(std::ostream& out, const LabelSum& sum) {
    return out << sum.area << " in " << sum.polygons;
}

std::map<std::int64_t, LabelSum> by_gdal(const std::string& path, bool eight) {
    auto* raster = GDALDataset::FromHandle(GDALOpen(path.c_str(), GA_ReadOnly));
    auto* memory =
        GetGDALDriverManager()->GetDriverByName("Memory")->Create("", 0, 0, 0, GDT_Unknown, nullptr);
    OGRLayer* layer = memory->CreateLayer("polygons", nullptr, wkbPolygon, nullptr);
    OGRFieldDefn field("value", OFTInteger64);
    layer->CreateField(&field);
    char* options[] = {const_cast<char*>("8CONNECTED=8"), nullptr};
    GDALPolygonize(raster->GetRasterBand(1), nullptr, OGRLayer::ToHandle(layer), 0, eight ? options : nullptr,
                   nullptr, nullptr);
    std::map<std::int64_t, LabelSum> sums;
    for (const auto& feature : *layer) {
        LabelSum& sum = sums[feature->GetFieldAsInteger64(0)];
        sum.area += feature->GetGeometryRef()->toPolygon()->get_Area();
        ++sum.polygons;
    }
    GDALClose(memory);
    GDALClose(raster);
    return sums;
}

std::string contents_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t field(const output::ReadLayer& layer, const std::string& name) {
    return static_cast<std::size_t>(std::find(layer.field_names.begin(), layer.field_names.end(), name) -
                                    layer.field_names.begin());
}

std::map<std::int64_t, LabelSum> sums_of(const output::ReadLayer& layer) {
    std::map<std::int64_t, LabelSum> sums;
    for (const output::Feature& feature : layer.features) {
        LabelSum& sum = sums[std::get<std::int64_t>(feature.values[field(layer, "value")])];
        sum.area += area(feature.geometry);
        ++sum.polygons;
    }
    return sums;
}

TEST(VectorizeCommand, GivesTheAreasAndRegionsOfGdalsPolygonize) {
    const TemporaryFolder folder;
    for (const GDALDataType type : {GDT_Byte, GDT_UInt16, GDT_Int32, GDT_UInt32})
        for (const bool eight : {false, true}) {
            const std::string raster = folder.file(std::string(GDALGetDataTypeName(type)) + ".tif");
            write_labels(raster, scene_maker::make_label_map(300, 260, 60, 5), type);
            std::vector<std::string> arguments{"vectorize",   raster,         folder.file("out.gpkg"),
                                               "--overwrite", "--background", "none"};
            if (eight) arguments.push_back("--eight-connected");
            const Outcome outcome = run_landseam(arguments);
            ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
            const output::ReadLayer layer = output::read_layer(folder.file("out.gpkg"));
            EXPECT_EQ(sums_of(layer), by_gdal(raster, eight)) << GDALGetDataTypeName(type) << eight;
            for (const output::Feature& feature : layer.features) {
                EXPECT_TRUE(vectors::is_valid(feature.geometry));
                EXPECT_EQ(
                    area(feature.geometry) * 4,
                    static_cast<double>(std::get<std::int64_t>(feature.values[field(layer, "area_px")])));
            }
        }
}

TEST(VectorizeCommand, MakesOneObjectOfAllPixelsOfAnInstance) {
    const TemporaryFolder folder;
    Image<std::int32_t> labels(40, 600);
    for (int y = 0; y < 600; y += 100)
        for (int x = 5; x < 30; ++x) labels.at(x, y) = labels.at(x, y + 1) = 70000 + (y / 100) % 2;
    write_labels(folder.file("in.tif"), labels, GDT_UInt32);
    ASSERT_EQ(
        run_landseam({"vectorize", folder.file("in.tif"), folder.file("out.gpkg"), "--instances"}).exit_code,
        0);
    const output::ReadLayer layer = output::read_layer(folder.file("out.gpkg"));
    ASSERT_EQ(layer.features.size(), 2u);
    EXPECT_EQ(layer.features[0].geometry.size(), 3u);
    EXPECT_EQ(std::get<std::int64_t>(layer.features[0].values[field(layer, "value")]), 70000);
}

TEST(VectorizeCommand, DoesNotDependOnThreads) {
    const TemporaryFolder folder;
    write_labels(folder.file("in.tif"), scene_maker::make_label_map(400, 500, 90, 8));
    std::string first;
    for (const char* threads : {"1", "2", "5"}) {
        ASSERT_EQ(run_landseam({"vectorize", folder.file("in.tif"), folder.file("out.geojson"), "--overwrite",
                                "--threads", threads, "--simplify", "1.5", "--smooth", "1"})
                      .exit_code,
                  0);
        const std::string text = contents_of(folder.file("out.geojson"));
        if (first.empty()) first = text;
        EXPECT_EQ(text, first);
    }
}

TEST(VectorizeCommand, AddsWhatATableKnows) {
    const TemporaryFolder folder;
    Image<std::int32_t> labels(10, 10, 1, 255);
    for (int x = 0; x < 5; ++x) labels.at(x, 0) = 0, labels.at(x, 5) = 7;
    write_labels(folder.file("in.tif"), labels, GDT_Byte, 255);
    std::ofstream(folder.file("classes.csv")) << "code,class,weight\n0,water,0.5\n9,none,3\n";
    ASSERT_EQ(run_landseam({"vectorize", folder.file("in.tif"), folder.file("out.gpkg"), "--table",
                            folder.file("classes.csv"), "--key", "code"})
                  .exit_code,
              0);
    const output::ReadLayer layer = output::read_layer(folder.file("out.gpkg"));
    ASSERT_EQ(layer.features.size(), 2u);  // 255 is nodata, so 0 is a value like any other
    EXPECT_EQ(std::get<std::string>(layer.features[0].values[field(layer, "class")]), "water");
    EXPECT_EQ(std::get<double>(layer.features[0].values[field(layer, "weight")]), 0.5);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(layer.features[1].values[field(layer, "class")]));
}

TEST(VectorizeCommand, LeavesOutWhatIsTooSmallOrTooLarge) {
    const TemporaryFolder folder;
    Image<std::int32_t> labels(40, 40);
    for (int y = 0; y < 2; ++y)
        for (int x = 0; x < 2; ++x) labels.at(x, y) = 1;  // 1 m²
    for (int y = 10; y < 14; ++y)
        for (int x = 0; x < 4; ++x) labels.at(x, y) = 2;  // 4 m²
    for (int y = 20; y < 40; ++y)
        for (int x = 0; x < 40; ++x) labels.at(x, y) = 3;  // 200 m²
    write_labels(folder.file("in.tif"), labels);
    const Outcome outcome = run_landseam({"vectorize", folder.file("in.tif"), folder.file("out.gpkg"),
                                          "--min-area", "2m2", "--max-area", "100px"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, HasSubstr("1 polygons, 1 too small, 1 too large"));
    EXPECT_EQ(
        run_landseam({"vectorize", folder.file("in.tif"), folder.file("o.gpkg"), "--min-area", "2 acres"})
            .exit_code,
        2);
}

TEST(VectorizeCommand, RefusesRealNumbers) {
    const TemporaryFolder folder;
    write_labels(folder.file("in.tif"), Image<std::int32_t>(4, 4), GDT_Float32);
    const Outcome outcome = run_landseam({"vectorize", folder.file("in.tif"), folder.file("out.gpkg")});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("gdal_translate"));
    EXPECT_EQ(folder.listing(), "in.tif ");
}

}  // namespace
}  // namespace landseam::test
