#include "landseam/output/layer_sink.h"

#include "landseam/core/error.h"

#include "output/feature_values.h"
#include "output/gdal_session.h"
#include "output/layer_format.h"
#include "output/layer_style.h"
#include "output/ogr_geometry.h"
#include "output/postgis_sink.h"
#include "output/staged_output.h"
#include "output/target_crs.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include <cpl_conv.h>
#include <ogrsf_frmts.h>

namespace landseam::output {
namespace {

// The moment that SOURCE_DATE_EPOCH names, in the given form of strftime; nothing where it is not set.
// Source: https://reproducible-builds.org/specs/source-date-epoch
std::optional<std::string> fixed_date(const char* form) {
    const char* text = std::getenv("SOURCE_DATE_EPOCH");
    if (!text || !*text) return std::nullopt;
    const std::time_t seconds = std::strtoll(text, nullptr, 10);
    std::tm parts{};
    char date[40];
    if (!gmtime_r(&seconds, &parts) || !std::strftime(date, sizeof date, form, &parts)) return std::nullopt;
    return date;
}

// The GDAL settings of this thread while a layer is written.
class WritingConfiguration {
public:
    WritingConfiguration()
        // The file is flushed once, when it is complete; until then nobody reads it.
        : synchronous_("OGR_SQLITE_SYNCHRONOUS", "OFF", true) {
        if (const auto date = fixed_date("%Y-%m-%dT%H:%M:%S.000Z"))
            date_.emplace("OGR_CURRENT_DATE", date->c_str(), true);
    }

private:
    CPLConfigOptionSetter synchronous_;
    std::optional<CPLConfigOptionSetter> date_;
};

CPLStringList layer_options(LayerFormat format, const LayerOptions& options, bool has_crs) {
    std::vector<std::string> own;
    if (format == LayerFormat::shapefile) {
        own = {"ENCODING=UTF-8", "SPATIAL_INDEX=YES"};
        if (const auto date = fixed_date("%Y-%m-%d")) own.push_back("DBF_DATE_LAST_UPDATE=" + *date);
    } else if (format == LayerFormat::geojson) {
        if (has_crs)
            own = {"RFC7946=YES", "COORDINATE_PRECISION=9", "WRAPDATELINE=NO"};
        else  // see say_that_there_is_no_crs
            own = {"NATIVE_DATA={\"type\":\"FeatureCollection\",\"CRS\":null}",
                   "NATIVE_MEDIA_TYPE=application/vnd.geo+json"};
    } else if (format != LayerFormat::geoparquet) {
        own = {"SPATIAL_INDEX=YES"};
    }
    return option_list(options.layer_creation_options, own);
}

// Readers take GeoJSON's coordinates for longitudes and latitudes unless its member "crs" is null. The driver
// drops that member, but writes one called "CRS", which is put right here, in the first lines of the file.
void say_that_there_is_no_crs(const std::string& path) {
    const std::string written = "\"CRS\": null", meant = "\"crs\": null";
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    std::string start(4096, ' ');
    file.read(start.data(), static_cast<std::streamsize>(start.size()));
    const std::size_t place = start.find(written);
    if (place == std::string::npos) return;
    file.clear();
    file.seekp(static_cast<std::streamoff>(place));
    file << meant;
}

class OgrSink : public LayerSink {
public:
    explicit OgrSink(const LayerOptions& options)
        : options_(options),
          format_(format_of(options.path).format),
          staged_(options.path, options.overwrite, companions_of(options.path, format_)),
          style_(options) {
        if (!options.target_crs.empty()) {
            target_ = std::make_unique<TargetCrs>(options.path, options.crs_wkt, options.target_crs,
                                                  options.max_deviation);
            options_.crs_wkt = target_->wkt();
        }
        open();
    }

    void write(const Feature& feature) override;
    void add_metadata(const std::string& key, const std::string& value) override {
        if (format_ == LayerFormat::geopackage && dataset_) dataset_->SetMetadataItem(key.c_str(), value.c_str());
    }
    void close() override;

private:
    void open();
    void create_fields();
    std::unique_ptr<OGRGeometry> in_degrees(const OGRGeometry& geometry);
    void check_complete() const;
    [[noreturn]] void fail(const std::string& what, const GdalMessages& messages) const {
        throw write_error(options_.path, what + ": " + messages.reason());
    }
    void pass_on_warnings(const GdalMessages& messages) const {
        if (options_.warn)
            for (const std::string& warning : messages.warnings())
                options_.warn(options_.path + ": " + warning);
    }
    std::string name_of(const Feature& feature) const { return "feature " + std::to_string(feature.id); }

    LayerOptions options_;
    LayerFormat format_;
    StagedOutput staged_;
    std::unique_ptr<TargetCrs> target_;
    LayerStyle style_;
    Dataset dataset_;  // closed before `staged_` removes its files
    OGRLayer* layer_ = nullptr;
    std::unique_ptr<OGRCoordinateTransformation> to_degrees_;  // for GeoJSON of scenes with a CRS
    OGRGeometryFactory::TransformWithOptionsCache transform_cache_;
    std::optional<ShapefileSize> size_;
    std::int64_t written_ = 0;
    std::int64_t left_out_ = 0;
};

void OgrSink::open() {
    const WritingConfiguration configuration;
    OGRSpatialReference crs;
    // GDAL's name for GeoPackage's srs_id −1; with no CRS at all it would write 0, undefined geographic.
    if (format_ == LayerFormat::geopackage) crs.SetLocalCS("Undefined Cartesian SRS");
    if (!options_.crs_wkt.empty()) crs = spatial_reference(options_.crs_wkt);
    const bool has_crs = !options_.crs_wkt.empty() && !crs.IsLocal();

    const GdalMessages messages;
    if (format_ == LayerFormat::geojson) {
        const OGRSpatialReference source = crs;
        crs.Clear();
        if (has_crs) {
            crs.SetWellKnownGeogCS("WGS84");
            crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
            to_degrees_.reset(OGRCreateCoordinateTransformation(&source, &crs));
            if (!to_degrees_) fail("longitudes and latitudes", messages);
        }
    }
    GDALDriver* driver = find_driver(format_of(options_.path).driver);
    dataset_.reset(driver->Create(staged_.path().c_str(), 0, 0, 0, GDT_Unknown,
                                  option_list(options_.dataset_creation_options, {}).List()));
    if (!dataset_) fail("the file", messages);
    const std::string name = options_.layer_name.empty()
                                 ? std::filesystem::path(options_.path).stem().string()
                                 : options_.layer_name;
    // A Shapefile's layer is called as its file is.
    const std::string layer_name =
        format_ == LayerFormat::shapefile ? std::filesystem::path(options_.path).stem().string() : name;
    layer_ = dataset_->CreateLayer(layer_name.c_str(), crs.IsEmpty() ? nullptr : &crs, wkbMultiPolygon,
                                   layer_options(format_, options_, has_crs).List());
    if (!layer_ || messages.failed()) fail("the layer", messages);
    create_fields();
    if (format_ == LayerFormat::geopackage) {
        for (const auto& [key, value] : options_.metadata)
            dataset_->SetMetadataItem(key.c_str(), value.c_str());
        dataset_->StartTransaction();
    }
    if (messages.failed()) fail("the layer", messages);
    pass_on_warnings(messages);
}

void OgrSink::create_fields() {
    std::vector<std::string> names;
    for (const FieldDefinition& field : options_.fields) names.push_back(field.name);
    if (format_ == LayerFormat::shapefile) names = shapefile_field_names(options_.fields);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const FieldDefinition& field = options_.fields[i];
        OGRFieldDefn definition(names[i].c_str(), OFTString);
        define(field, definition);
        const GdalMessages messages;
        if (layer_->CreateField(&definition) != OGRERR_NONE || messages.failed())
            fail("the field '" + field.name + "'", messages);
        if (names[i] != field.name && options_.warn)
            options_.warn(options_.path + ": the field '" + field.name + "' is called '" + names[i] +
                          "', for a Shapefile's names have ten bytes");
    }
    if (format_ == LayerFormat::shapefile) {
        std::int64_t width = 1;
        for (int i = 0; i < layer_->GetLayerDefn()->GetFieldCount(); ++i)
            width += layer_->GetLayerDefn()->GetFieldDefn(i)->GetWidth();
        size_.emplace(options_.path, width);
    }
}

// Cut at the antimeridian where it is crossed (RFC 7946, 3.1.9). Not left to the driver, which would make
// Polygons of MultiPolygons of one part.
std::unique_ptr<OGRGeometry> OgrSink::in_degrees(const OGRGeometry& geometry) {
    CPLStringList options;
    options.SetNameValue("WRAPDATELINE", "YES");
    OGRGeometry* result = OGRGeometryFactory::transformWithOptions(&geometry, to_degrees_.get(),
                                                                   options.List(), transform_cache_);
    return std::unique_ptr<OGRGeometry>(result ? OGRGeometryFactory::forceToMultiPolygon(result) : nullptr);
}

void OgrSink::write(const Feature& feature) {
    if (!layer_) throw Error(options_.path, "the layer is closed, and there is more to write");
    check_geometry(feature, options_.path, options_.null_geometries);
    if (feature.geometry.empty() && format_ == LayerFormat::flatgeobuf) {  // the driver would drop it unsaid
        ++left_out_;
        return;
    }
    const MultiPolygon placed = target_ ? target_->place(feature.geometry) : feature.geometry;
    const GdalMessages messages;
    OGRFeature row(layer_->GetLayerDefn());
    set_values(row, feature, options_);
    style_.note(feature);
    if (format_ == LayerFormat::geopackage || format_ == LayerFormat::geojson) row.SetFID(feature.id);
    if (size_) {
        std::int64_t rings = 0, vertices = 0;
        for (const Polygon& polygon : placed) {
            rings += 1 + static_cast<std::int64_t>(polygon.holes.size());
            vertices += static_cast<std::int64_t>(polygon.outer.size()) + 1;
            for (const Ring& hole : polygon.holes) vertices += static_cast<std::int64_t>(hole.size()) + 1;
        }
        size_->add(rings, vertices);
    }
    if (!feature.geometry.empty()) {
        std::unique_ptr<OGRGeometry> geometry = to_ogr(placed);
        if (to_degrees_) geometry = in_degrees(*geometry);
        if (!geometry) fail(name_of(feature), messages);
        row.SetGeometryDirectly(geometry.release());
    }
    if (layer_->CreateFeature(&row) != OGRERR_NONE || messages.failed()) fail(name_of(feature), messages);
    pass_on_warnings(messages);
    ++written_;
}

void OgrSink::close() {
    if (!layer_) return;
    const WritingConfiguration configuration;
    const GdalMessages messages;
    const std::string layer_name = layer_->GetName(), geometry_column = layer_->GetGeometryColumn();
    layer_ = nullptr;
    if (format_ == LayerFormat::geopackage) style_.store(*dataset_, layer_name, geometry_column);
    if (format_ == LayerFormat::geopackage && dataset_->CommitTransaction() != OGRERR_NONE)
        fail("the end", messages);
    GDALClose(dataset_.release());
    if (messages.failed()) fail("the end", messages);
    if (format_ == LayerFormat::geojson && !to_degrees_) say_that_there_is_no_crs(staged_.path());
    pass_on_warnings(messages);
    if (left_out_ > 0 && options_.warn)
        options_.warn(options_.path + ": " + std::to_string(left_out_) +
                      " features have no geometry and are left out, for FlatGeobuf keeps none of these");
    check_complete();
    staged_.publish();
}

// Not every driver reports a write that failed.
void OgrSink::check_complete() const {
    const GdalMessages messages;
    if (format_ == LayerFormat::geojson) {
        std::ifstream file(staged_.path(), std::ios::binary | std::ios::ate);
        const std::streamoff size = file.tellg();
        std::string tail(static_cast<std::size_t>(std::clamp<std::streamoff>(size, 0, 8)), ' ');
        file.seekg(size - static_cast<std::streamoff>(tail.size()));
        file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
        const std::size_t bracket = tail.find(']'), brace = tail.rfind('}');
        if (bracket == std::string::npos || brace == std::string::npos || brace < bracket)
            throw write_error(options_.path, "the file ends too early");
        return;
    }
    const Dataset copy(GDALDataset::Open(staged_.path().c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY));
    if (!copy || copy->GetLayerCount() < 1 || copy->GetLayer(0)->GetFeatureCount() != written_)
        throw write_error(options_.path, "not all features arrived in the file");
}

}  // namespace

void LayerOptions::validate() const {
    if (path.empty()) throw Error("", "no output is named", "give its path", ErrorKind::usage);
    if (!is_database(path)) format_of(path);
    std::set<std::string> names;
    for (const FieldDefinition& field : fields) {
        std::string folded = field.name;
        for (char& c : folded) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (field.name.empty() || !names.insert(folded).second)
            throw Error(
                path,
                field.name.empty() ? "a field has no name" : "two fields are called '" + field.name + "'",
                "names differ in more than case", ErrorKind::usage);
    }
}

std::unique_ptr<LayerSink> open_layer(const LayerOptions& options) {
    options.validate();
    if (is_database(options.path)) return open_postgis(options);
    return std::make_unique<OgrSink>(options);
}

}  // namespace landseam::output
