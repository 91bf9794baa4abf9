#include "landseam/output/layer_reader.h"

#include "landseam/core/error.h"

#include "output/gdal_session.h"
#include "output/ogr_geometry.h"

#include <filesystem>
#include <fstream>
#include <regex>

#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>

namespace landseam::output {
namespace {

Dataset open_vector(const std::string& path, const GdalMessages& messages,
                    const char* const* open_options = nullptr) {
    register_drivers();
    Dataset dataset(GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                                      nullptr, open_options));
    if (dataset) return dataset;
    std::error_code unknown;
    const bool is_name = path.find(':') == std::string::npos && path.compare(0, 4, "/vsi") != 0;
    if (is_name && !std::filesystem::exists(path, unknown))
        throw Error(path, "there is no such file", "check the path");
    throw Error(path, "cannot be read as vector data: " + messages.reason(),
                "give a GeoPackage, Shapefile, GeoJSON or another format of GDAL's");
}

OGRLayer& choose_layer(GDALDataset& dataset, const std::string& path, const std::string& name) {
    std::string names;
    std::vector<OGRLayer*> layers;
    for (int i = 0; i < dataset.GetLayerCount(); ++i) {
        OGRLayer* one = dataset.GetLayer(i);
        if (std::string(one->GetName()) == "layer_styles") continue;  // how QGIS draws the others
        names += (layers.empty() ? "" : ", ") + std::string(one->GetName());
        layers.push_back(one);
    }
    if (layers.empty()) throw Error(path, "holds no layer");
    if (name.empty() && layers.size() > 1) throw Error(path, "has several layers", "choose one of " + names);
    OGRLayer* layer = name.empty() ? layers.front() : dataset.GetLayerByName(name.c_str());
    if (!layer) throw Error(path, "has no layer '" + name + "'", "choose one of " + names);
    return *layer;
}

// GDAL makes up a CRS for GeoPackages that say they have none.
bool is_known(const OGRSpatialReference* crs) {
    if (!crs || crs->IsEmpty()) return false;
    const std::string name = crs->GetName() ? crs->GetName() : "";
    return name != "Undefined Cartesian SRS" && name != "Undefined geographic SRS";
}

// Whether a GeoJSON file says that its CRS is unknown ("crs": null, GeoJSON 2008, 3), as open_layer writes
// it; GDAL takes such coordinates for longitudes and latitudes.
bool denies_crs(GDALDataset& dataset, const std::string& path) {
    if (!dataset.GetDriver() || std::string(dataset.GetDriver()->GetDescription()) != "GeoJSON") return false;
    std::ifstream file(path, std::ios::binary);
    std::string start(4096, ' ');
    file.read(start.data(), static_cast<std::streamsize>(start.size()));
    return std::regex_search(start, std::regex(R"re("crs"\s*:\s*null)re"));
}

std::string to_wkt(const OGRSpatialReference& crs) {
    const char* const options[] = {"FORMAT=WKT2_2019", nullptr};
    char* text = nullptr;
    crs.exportToWkt(&text, options);
    const std::string wkt = text ? text : "";
    CPLFree(text);
    return wkt;
}

FieldValue value_of(const OGRFeature& row, int field) {
    if (!row.IsFieldSetAndNotNull(field)) return std::monostate{};
    switch (row.GetFieldDefnRef(field)->GetType()) {
        case OFTInteger:
        case OFTInteger64:
            return static_cast<std::int64_t>(row.GetFieldAsInteger64(field));
        case OFTReal:
            return row.GetFieldAsDouble(field);
        default:
            return std::string(const_cast<OGRFeature&>(row).GetFieldAsString(field));
    }
}

std::unique_ptr<OGRCoordinateTransformation> transformation(const OGRSpatialReference* from,
                                                            const std::string& target_wkt,
                                                            const std::string& path) {
    const OGRSpatialReference to = spatial_reference(target_wkt);
    if (!is_known(from))
        throw Error(path, "has no coordinate reference system, so it cannot be brought into another",
                    "assign one, e.g. with ogr2ogr -a_srs");
    OGRSpatialReference source = *from;
    source.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    if (source.IsSame(&to)) return nullptr;
    const GdalMessages messages;
    std::unique_ptr<OGRCoordinateTransformation> result(OGRCreateCoordinateTransformation(&source, &to));
    if (!result)
        throw Error(path,
                    "cannot be brought into the other coordinate reference system: " + messages.reason());
    return result;
}

OGRSpatialReference named_crs(const std::string& name) {
    const GdalMessages messages;
    OGRSpatialReference crs;
    if (crs.SetFromUserInput(name.c_str()) != OGRERR_NONE)
        throw Error(name, "is no coordinate reference system that GDAL knows", "write it as EPSG:4326",
                    ErrorKind::usage);
    return crs;
}

// A layer that is open, and the way its geometries take into the CRS asked for.
class OpenLayer {
public:
    OpenLayer(const std::string& path, const std::string& layer, const std::string& to_crs_wkt,
              const std::string& assumed_crs)
        : path_(path), dataset_(open_vector(path, messages_)), layer_(choose_layer(*dataset_, path, layer)) {
        const OGRSpatialReference* crs = denies_crs(*dataset_, path) ? nullptr : layer_.GetSpatialRef();
        OGRSpatialReference assumed;
        if (!is_known(crs) && !assumed_crs.empty()) {
            assumed = named_crs(assumed_crs);
            crs = &assumed;
        }
        if (!to_crs_wkt.empty()) to_other_ = transformation(crs, to_crs_wkt, path);
        crs_wkt_ = !to_crs_wkt.empty() ? to_crs_wkt : is_known(crs) ? to_wkt(*crs) : "";
    }

    const std::string& crs_wkt() const { return crs_wkt_; }
    const OGRFeatureDefn& definition() { return *layer_.GetLayerDefn(); }

    // Calls `take` with each row and its geometry, which may be null.
    template <typename Take>
    void for_each(const Take& take) {
        layer_.ResetReading();
        while (const OGRFeatureUniquePtr row{layer_.GetNextFeature()}) {
            OGRGeometry* geometry = row->GetGeometryRef();
            if (geometry && to_other_ && geometry->transform(to_other_.get()) != OGRERR_NONE)
                throw Error(path_, "feature " + std::to_string(row->GetFID()) +
                                       " lies outside what its coordinate reference system can express: " +
                                       messages_.reason());
            take(*row, geometry);
        }
        if (messages_.failed()) throw Error(path_, "cannot be read to its end: " + messages_.reason());
    }

    std::vector<FieldValue> values_of(const OGRFeature& row) {
        std::vector<FieldValue> values;
        for (int i = 0; i < definition().GetFieldCount(); ++i) values.push_back(value_of(row, i));
        return values;
    }

private:
    const std::string& path_;
    const GdalMessages messages_;
    const Dataset dataset_;
    OGRLayer& layer_;
    std::unique_ptr<OGRCoordinateTransformation> to_other_;
    std::string crs_wkt_;
};

FieldDefinition definition_of(const OGRFieldDefn& field) {
    const auto type = [&] {
        switch (field.GetType()) {
            case OFTInteger:
                return field.GetSubType() == OFSTBoolean ? FieldType::boolean : FieldType::integer64;
            case OFTInteger64:
                return FieldType::integer64;
            case OFTReal:
                return FieldType::real;
            default:
                return FieldType::text;
        }
    };
    return {field.GetNameRef(), type(), 0, 0};
}

std::vector<FieldDefinition> fields_of(const OGRFeatureDefn& definition) {
    std::vector<FieldDefinition> fields;
    for (int i = 0; i < definition.GetFieldCount(); ++i)
        fields.push_back(definition_of(*definition.GetFieldDefn(i)));
    return fields;
}

}  // namespace

ReadLayer read_layer(const std::string& path, const std::string& layer, const std::string& to_crs_wkt) {
    OpenLayer source(path, layer, to_crs_wkt, "");
    ReadLayer result;
    result.crs_wkt = source.crs_wkt();
    result.fields = fields_of(source.definition());
    for (const FieldDefinition& field : result.fields) result.field_names.push_back(field.name);
    source.for_each([&](const OGRFeature& row, const OGRGeometry* geometry) {
        Feature feature;
        if (geometry) feature.geometry = from_ogr(*geometry);
        if (feature.geometry.empty()) {
            ++result.skipped;
            return;
        }
        feature.id = row.GetFID();
        feature.values = source.values_of(row);
        result.features.push_back(std::move(feature));
    });
    if (result.features.empty() && result.skipped > 0)
        throw Error(path, "holds no polygon", "give a layer of polygons");
    return result;
}

Table read_table(const std::string& path, const std::string& layer) {
    const GdalMessages messages;
    // Only the driver for CSV knows this option; others would warn of it.
    const char* const guess_types[] = {"AUTODETECT_TYPE=YES", nullptr};
    const bool is_csv = path.size() > 4 && EQUAL(path.c_str() + path.size() - 4, ".csv");
    const Dataset dataset = open_vector(path, messages, is_csv ? guess_types : nullptr);
    OGRLayer& source = choose_layer(*dataset, path, layer);
    const OGRFeatureDefn& definition = *source.GetLayerDefn();
    Table table;
    table.fields = fields_of(definition);
    source.ResetReading();
    while (const OGRFeatureUniquePtr row{source.GetNextFeature()}) {
        table.rows.emplace_back();
        for (int i = 0; i < definition.GetFieldCount(); ++i) table.rows.back().push_back(value_of(*row, i));
    }
    if (messages.failed()) throw Error(path, "cannot be read to its end: " + messages.reason());
    return table;
}

std::string measuring_crs(const std::string& crs_wkt, const std::vector<Feature>& features) {
    if (crs_wkt.empty()) return {};
    const OGRSpatialReference crs = spatial_reference(crs_wkt);
    if (crs.IsLocal()) return {};
    const char* projection = crs.GetAttrValue("PROJECTION");
    const bool mercator = projection && std::string(projection).compare(0, 8, "Mercator") == 0;
    if (crs.IsProjected() && !mercator && crs.GetLinearUnits() == 1) return crs_wkt;
    OGREnvelope extent;
    for (const Feature& feature : features)
        for (const Polygon& polygon : feature.geometry)
            for (const Point& p : polygon.outer) extent.Merge(p.x, p.y);
    if (!extent.IsInit()) return crs_wkt;

    double x = (extent.MinX + extent.MaxX) / 2, y = (extent.MinY + extent.MaxY) / 2;
    OGRSpatialReference degrees, planar;
    degrees.CopyGeogCSFrom(&crs);
    degrees.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    const GdalMessages messages;
    const std::unique_ptr<OGRCoordinateTransformation> to_degrees(
        OGRCreateCoordinateTransformation(&crs, &degrees));
    if (!to_degrees || !to_degrees->Transform(1, &x, &y))
        throw Error("", "no place on Earth can be given to the polygons: " + messages.reason());
    planar.SetLAEA(y, x, 0, 0);
    planar.CopyGeogCSFrom(&degrees);
    return to_wkt(planar);
}

MixedLayer read_mixed_layer(const std::string& path, const std::string& layer, const std::string& to_crs_wkt,
                            const std::string& assumed_crs) {
    OpenLayer source(path, layer, to_crs_wkt, assumed_crs);
    MixedLayer result;
    result.crs_wkt = source.crs_wkt();
    result.fields = fields_of(source.definition());
    source.for_each([&](const OGRFeature& row, const OGRGeometry* geometry) {
        MixedFeature feature;
        if (geometry) {
            feature.polygons = from_ogr(*geometry);
            append_points_and_lines(*geometry, feature.points, feature.lines);
        }
        if (feature.points.empty() && feature.lines.empty() && feature.polygons.empty()) {
            ++result.skipped;
            return;
        }
        feature.id = row.GetFID();
        feature.values = source.values_of(row);
        result.features.push_back(std::move(feature));
    });
    return result;
}

}  // namespace landseam::output
