#include "output/postgis_sink.h"

#include "landseam/core/error.h"

#include "output/feature_values.h"
#include "output/gdal_session.h"
#include "output/ogr_geometry.h"
#include "output/target_crs.h"

#include <utility>

#include <cpl_conv.h>
#include <ogrsf_frmts.h>

namespace landseam::output {
namespace {

// Connection strings may hold a password.
std::string without_password(const std::string& path) {
    const std::size_t begin = path.find("password=");
    if (begin == std::string::npos) return path;
    return path.substr(0, begin) + "password=…" + path.substr(std::min(path.find(' ', begin), path.size()));
}

std::string quoted(const std::string& text, char mark) {
    std::string result(1, mark);
    for (const char c : text) result += c == mark ? std::string(2, c) : std::string(1, c);
    return result + mark;
}

class PostgisSink : public LayerSink {
public:
    explicit PostgisSink(const LayerOptions& options)
        : options_(options), shown_path_(without_password(options.path)) {
        if (!options.target_crs.empty()) {
            target_ = std::make_unique<TargetCrs>(shown_path_, options.crs_wkt, options.target_crs,
                                                  options.max_deviation);
            options_.crs_wkt = target_->wkt();
        }
        if (options_.layer_name.empty()) options_.layer_name = "polygons";
        connect();
        begin();
    }
    ~PostgisSink() override {
        if (!dataset_) return;
        const GdalMessages unheard;
        dataset_->RollbackTransaction();
    }

    void write(const Feature& feature) override;
    void add_metadata(const std::string&, const std::string&) override {}  // a table has no place for it
    void close() override;

private:
    void connect();
    void begin();
    void create();
    void replace_rows();
    void wait_for_turn(const std::string& what);
    [[noreturn]] void fail(const std::string& what, const GdalMessages& messages) const {
        throw Error(shown_path_, "cannot write " + what + ": " + messages.reason(),
                    "check the rights of the database's user");
    }

    LayerOptions options_;
    std::string shown_path_;
    std::unique_ptr<TargetCrs> target_;
    Dataset dataset_;
    OGRLayer* layer_ = nullptr;
    std::vector<int> columns_;  // of the table, for each field and then `scene`
    std::unique_ptr<OGRFeatureDefn, void (*)(OGRFeatureDefn*)> own_fields_{
        nullptr, [](OGRFeatureDefn* d) { d->Release(); }};
};

void PostgisSink::connect() {
    const GdalMessages messages;
    if (!find_driver("PostgreSQL"))
        throw Error(shown_path_, "this GDAL cannot write to PostGIS", "install its PostgreSQL driver");
    const char* const drivers[] = {"PostgreSQL", nullptr};
    dataset_.reset(GDALDataset::Open(options_.path.c_str(), GDAL_OF_VECTOR | GDAL_OF_UPDATE, drivers));
    if (!dataset_)
        throw Error(shown_path_, "the database cannot be opened: " + messages.reason(),
                    "check host, name, user and password, and that the server runs", ErrorKind::passing);
}

void PostgisSink::begin() {
    const GdalMessages messages;
    if (dataset_->StartTransaction() != OGRERR_NONE) fail("anything", messages);
    wait_for_turn(options_.layer_name + "/" + options_.scene);
    layer_ = dataset_->GetLayerByName(options_.layer_name.c_str());
    if (!layer_) {  // another process may be making it
        wait_for_turn(options_.layer_name);
        layer_ = dataset_->GetLayerByName(options_.layer_name.c_str());
    }
    if (layer_ && options_.overwrite) {
        for (int i = 0; i < dataset_->GetLayerCount(); ++i)
            if (dataset_->GetLayer(i) == layer_ && dataset_->DeleteLayer(i) != OGRERR_NONE)
                fail("the table", messages);
        layer_ = nullptr;
    }
    layer_ ? replace_rows() : create();
    own_fields_.reset(new OGRFeatureDefn("features"));
    own_fields_->Reference();
    own_fields_->SetGeomType(wkbMultiPolygon);
    for (std::size_t i = 0; i <= options_.fields.size(); ++i) {
        const bool is_scene = i == options_.fields.size();
        const std::string name = is_scene ? "scene" : options_.fields[i].name;
        OGRFieldDefn definition(name.c_str(), OFTString);
        if (!is_scene) define(options_.fields[i], definition);
        own_fields_->AddFieldDefn(&definition);
        columns_.push_back(layer_->GetLayerDefn()->GetFieldIndex(name.c_str()));
        if (columns_.back() < 0)
            throw Error(shown_path_, "the table '" + options_.layer_name + "' has no field '" + name + "'",
                        "name another table as --layer, or --overwrite this one");
    }
}

// Of several processes that write the same, each after the other has committed: rows that one does not see yet it cannot replace.
void PostgisSink::wait_for_turn(const std::string& what) {
    const GdalMessages messages;
    const std::string lock = "SELECT pg_advisory_xact_lock(hashtext(" + quoted("landseam/" + what, '\'') + "))";
    if (OGRLayer* rows = dataset_->ExecuteSQL(lock.c_str(), nullptr, nullptr)) {
        const OGRFeatureUniquePtr granted(rows->GetNextFeature());
        dataset_->ReleaseResultSet(rows);
    }
    if (messages.failed()) fail("anything", messages);
}

void PostgisSink::create() {
    const GdalMessages messages;
    OGRSpatialReference crs;
    if (!options_.crs_wkt.empty()) crs = spatial_reference(options_.crs_wkt);
    layer_ = dataset_->CreateLayer(
        options_.layer_name.c_str(), crs.IsEmpty() ? nullptr : &crs, wkbMultiPolygon,
        option_list(options_.layer_creation_options, {"GEOMETRY_NAME=geom", "FID=fid", "LAUNDER=NO"}).List());
    if (!layer_) fail("the table", messages);
    for (const FieldDefinition& field : options_.fields) {
        OGRFieldDefn definition(field.name.c_str(), OFTString);
        define(field, definition);
        if (layer_->CreateField(&definition) != OGRERR_NONE) fail("the field '" + field.name + "'", messages);
    }
    OGRFieldDefn scene("scene", OFTString);
    if (layer_->CreateField(&scene) != OGRERR_NONE) fail("the field 'scene'", messages);
}

void PostgisSink::replace_rows() {
    const GdalMessages messages;
    const OGRSpatialReference* there = layer_->GetSpatialRef();
    if (!options_.crs_wkt.empty()) {
        const OGRSpatialReference crs = spatial_reference(options_.crs_wkt);
        const char* const lenient[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", "CRITERION=EQUIVALENT",
                                       nullptr};
        if (!there || !there->IsSame(&crs, lenient))
            throw Error(shown_path_,
                        "the table '" + options_.layer_name + "' has another coordinate reference system",
                        "give that one as --t-srs, or name another table as --layer");
    }
    if (layer_->GetLayerDefn()->GetFieldIndex("scene") < 0)
        throw Error(
            shown_path_,
            "the table '" + options_.layer_name + "' has no field 'scene', so it is not one of landseam's",
            "name another table as --layer");
    std::string table = options_.layer_name;
    const std::size_t dot = table.find('.');
    table = dot == std::string::npos
                ? quoted(table, '"')
                : quoted(table.substr(0, dot), '"') + '.' + quoted(table.substr(dot + 1), '"');
    dataset_->ExecuteSQL(("DELETE FROM " + table + " WHERE scene = " + quoted(options_.scene, '\'')).c_str(),
                         nullptr, nullptr);
    if (messages.failed()) fail("over the scene's old rows", messages);
}

void PostgisSink::write(const Feature& feature) {
    if (!layer_) throw Error(shown_path_, "the layer is closed, and there is more to write");
    check_geometry(feature, shown_path_);
    const GdalMessages messages;
    OGRFeature row(own_fields_.get());
    set_values(row, feature, options_);
    row.SetField(static_cast<int>(options_.fields.size()), options_.scene.c_str());
    row.SetGeometryDirectly(to_ogr(target_ ? target_->place(feature.geometry) : feature.geometry).release());
    OGRFeature there(layer_->GetLayerDefn());
    if (there.SetFrom(&row, columns_.data(), TRUE) != OGRERR_NONE ||
        layer_->CreateFeature(&there) != OGRERR_NONE || messages.failed())
        fail("feature " + std::to_string(feature.id), messages);
}

void PostgisSink::close() {
    if (!layer_) return;
    const GdalMessages messages;
    const OGRErr synced = layer_->SyncToDisk();
    layer_ = nullptr;
    if (synced != OGRERR_NONE || dataset_->CommitTransaction() != OGRERR_NONE || messages.failed())
        fail("the end", messages);
    dataset_.reset();
}

}  // namespace

std::unique_ptr<LayerSink> open_postgis(const LayerOptions& options) {
    return std::make_unique<PostgisSink>(options);
}

}  // namespace landseam::output
