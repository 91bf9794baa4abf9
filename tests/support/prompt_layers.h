// Layers of prompts written for a test.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gdal_priv.h>
#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>

namespace landseam::test {

// One row of a layer: a geometry as WKT, and its attributes as text, null where that is "NULL".
struct PromptRow {
    std::string wkt;
    std::vector<std::string> values;
};

// A GeoPackage with a text or integer field for each name; those that begin with '#' are integers.
inline void write_prompt_layer(const std::string& path, int epsg, const std::vector<std::string>& fields,
                               const std::vector<PromptRow>& rows) {
    GDALAllRegister();
    const std::unique_ptr<GDALDataset> dataset(
        GetGDALDriverManager()->GetDriverByName("GPKG")->Create(path.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
    OGRSpatialReference crs;
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    crs.importFromEPSG(epsg);
    OGRLayer* layer = dataset->CreateLayer("prompts", &crs, wkbUnknown);
    for (const std::string& name : fields) {
        const bool whole = name[0] == '#';
        OGRFieldDefn field(name.c_str() + (whole ? 1 : 0), whole ? OFTInteger : OFTString);
        layer->CreateField(&field);
    }
    for (const PromptRow& row : rows) {
        OGRGeometry* geometry = nullptr;
        if (OGRGeometryFactory::createFromWkt(row.wkt.c_str(), nullptr, &geometry) != OGRERR_NONE)
            throw std::runtime_error("no WKT: " + row.wkt);
        OGRFeature feature(layer->GetLayerDefn());
        feature.SetGeometryDirectly(geometry);
        for (std::size_t i = 0; i < row.values.size(); ++i)
            if (row.values[i] != "NULL") feature.SetField(static_cast<int>(i), row.values[i].c_str());
        if (layer->CreateFeature(&feature) != OGRERR_NONE)
            throw std::runtime_error("a row cannot be written");
    }
}

}  // namespace landseam::test
