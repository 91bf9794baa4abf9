#include "landseam/pipeline/merge_layers.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"
#include "landseam/output/layer_sink.h"
#include "landseam/raster/georeference.h"
#include "landseam/vectors/repeated_objects.h"

#include "pipeline/stop.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>

namespace landseam::pipeline {
namespace {

using output::Feature;
using output::FieldDefinition;
using output::FieldType;
using vectors::SceneExtent;

bool overlap(const SceneExtent& a, const SceneExtent& b) {
    return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

// What is known of a layer before its features are wanted.
struct Outline {
    SceneExtent extent{INFINITY, INFINITY, -INFINITY, -INFINITY};
    std::vector<FieldDefinition> fields;
    std::string crs_wkt;
};

class LayerMerge {
public:
    LayerMerge(const MergeLayersOptions& options, Progress& progress)
        : options_(options), progress_(progress), is_database_(options.output.rfind("PG:", 0) == 0) {}

    MergeLayersReport run() {
        look_at_layers();
        collect_fields();
        if (!is_database_) sink_ = open_sink("");
        progress_.begin("merge", static_cast<std::int64_t>(options_.layers.size()));
        for (const std::vector<std::size_t>& group : groups()) write_group(group);
        if (sink_) sink_->close();
        progress_.end();
        report_.crs_wkt = crs_wkt_;
        return report_;
    }

private:
    output::ReadLayer read(std::size_t index, const std::string& crs_wkt) const {
        const SceneLayer& layer = options_.layers[index];
        check_stop();
        output::ReadLayer read = output::read_layer(layer.path, "", crs_wkt);
        if (static_cast<std::int64_t>(read.features.size()) != layer.segments)
            throw Error(layer.path,
                        "holds " + std::to_string(read.features.size()) + " segments, not " +
                            std::to_string(layer.segments),
                        "it was changed; run its scene again");
        return read;
    }

    // The common CRS, the fields of each, and where they lie.
    void look_at_layers() {
        outlines_.resize(options_.layers.size());
        std::set<std::string> crs;
        progress_.begin("layers", static_cast<std::int64_t>(options_.layers.size()));
        if (!options_.target_crs.empty()) crs_wkt_ = raster::crs_wkt_from(options_.target_crs);
        for (std::size_t i = 0; i < outlines_.size(); ++i) {
            const output::ReadLayer layer = read(i, crs_wkt_);
            outlines_[i].fields = layer.fields;
            crs.insert(layer.crs_wkt);
            widen(outlines_[i], layer);
            progress_.update(static_cast<std::int64_t>(i) + 1, "");
        }
        progress_.end();
        if (!options_.target_crs.empty()) return;
        if (crs.size() == 1) crs_wkt_ = *crs.begin();
        if (crs.size() <= 1) return;
        if (crs.count("") != 0)
            throw Error(options_.output, "some scenes have a coordinate reference system and some have none",
                        "merge them apart");
        crs_wkt_ = raster::crs_wkt_from("EPSG:4326");
        for (std::size_t i = 0; i < outlines_.size(); ++i) {
            outlines_[i].extent = Outline{}.extent;
            widen(outlines_[i], read(i, crs_wkt_));
        }
    }

    static void widen(Outline& outline, const output::ReadLayer& layer) {
        SceneExtent& extent = outline.extent;
        for (const Feature& feature : layer.features)
            for (const Polygon& polygon : feature.geometry)
                for (const Point& p : polygon.outer)
                    extent = {std::min(extent[0], p.x), std::min(extent[1], p.y), std::max(extent[2], p.x),
                              std::max(extent[3], p.y)};
    }

    void collect_fields() {
        std::set<std::string> names;
        for (const Outline& outline : outlines_)
            for (const FieldDefinition& field : outline.fields)
                if (field.name != "scene" && field.name != "date" && field.name != "scenes" &&
                    names.insert(field.name).second)
                    fields_.push_back(field);
        if (!is_database_) fields_.push_back({"scene", FieldType::text});
        fields_.push_back({"date", FieldType::text});
        fields_.push_back({"scenes", FieldType::integer64});
    }

    std::unique_ptr<output::LayerSink> open_sink(const std::string& scene) const {
        output::LayerOptions layer;
        layer.path = options_.output;
        layer.layer_name = options_.layer_name;
        layer.crs_wkt = crs_wkt_;
        layer.fields = fields_;
        layer.overwrite = options_.overwrite && (!is_database_ || done_ == 0);  // a table is made anew once
        layer.scene = scene;
        layer.dataset_creation_options = options_.dataset_creation_options;
        layer.layer_creation_options = options_.layer_creation_options;
        layer.metadata = {{"landseam", LANDSEAM_VERSION}, {"scenes", std::to_string(options_.layers.size())}};
        layer.warn = [this](const std::string& message) { progress_.warn(message); };
        return output::open_layer(layer);
    }

    // Layers that must be looked at together: of one date, and connected by overlaps. In the order of the
    // first of each.
    std::vector<std::vector<std::size_t>> groups() const {
        const std::size_t count = options_.layers.size();
        std::vector<std::size_t> root(count);
        std::iota(root.begin(), root.end(), std::size_t{0});
        const auto find = [&](std::size_t i) {
            while (root[i] != i) i = root[i] = root[root[i]];
            return i;
        };
        std::map<std::string, std::vector<std::size_t>> days;
        for (std::size_t i = 0; i < count; ++i) days[options_.layers[i].date].push_back(i);
        for (auto& [date, day] : days) {
            if (date.empty() || options_.same_iou <= 0) continue;
            std::sort(day.begin(), day.end(), [&](std::size_t a, std::size_t b) {
                return outlines_[a].extent[0] < outlines_[b].extent[0];
            });
            for (std::size_t i = 0; i < day.size(); ++i)
                for (std::size_t k = i + 1;
                     k < day.size() && outlines_[day[k]].extent[0] < outlines_[day[i]].extent[2]; ++k)
                    if (overlap(outlines_[day[i]].extent, outlines_[day[k]].extent)) {
                        const std::size_t a = find(day[i]), b = find(day[k]);
                        root[std::max(a, b)] = std::min(a, b);
                    }
        }
        std::map<std::size_t, std::vector<std::size_t>> by_first;
        for (std::size_t i = 0; i < count; ++i) by_first[find(i)].push_back(i);
        std::vector<std::vector<std::size_t>> result;
        for (auto& [first, group] : by_first) result.push_back(std::move(group));
        return result;
    }

    struct Group {
        std::vector<output::ReadLayer> layers;
        std::vector<vectors::SceneObject> objects;
        std::vector<std::pair<std::size_t, std::size_t>> places;  // of each object: layer, feature
    };

    static double number_of(const output::ReadLayer& layer, const Feature& feature, const std::string& name) {
        for (std::size_t i = 0; i < layer.fields.size(); ++i) {
            if (layer.fields[i].name != name) continue;
            if (const auto* real = std::get_if<double>(&feature.values[i])) return *real;
            if (const auto* whole = std::get_if<std::int64_t>(&feature.values[i]))
                return static_cast<double>(*whole);
        }
        return 0;
    }

    void write_group(const std::vector<std::size_t>& members) {
        Group group;
        std::vector<SceneExtent> extents;
        for (const std::size_t member : members) {
            group.layers.push_back(read(member, crs_wkt_));
            extents.push_back(outlines_[member].extent);
        }
        for (std::size_t l = 0; l < group.layers.size(); ++l)
            for (std::size_t f = 0; f < group.layers[l].features.size(); ++f) {
                const Feature& feature = group.layers[l].features[f];
                group.objects.push_back({&feature.geometry, l,
                                         number_of(group.layers[l], feature, "touches_edge") != 0,
                                         number_of(group.layers[l], feature, "predicted_iou")});
                group.places.emplace_back(l, f);
            }
        std::vector<vectors::ResolvedObject> kept;
        if (members.size() > 1) {
            kept = vectors::resolve_repeated(group.objects, extents, options_.same_iou);
            for (const vectors::ResolvedObject& object : kept) report_.joined += !object.outline.empty();
            report_.dropped += static_cast<std::int64_t>(group.objects.size() - kept.size());
        } else {
            for (std::size_t i = 0; i < group.objects.size(); ++i) kept.push_back({i, {}, 1});
        }
        std::size_t next = 0;
        for (std::size_t l = 0; l < members.size(); ++l) {
            std::unique_ptr<output::LayerSink> own;
            if (is_database_) {
                own = open_sink(options_.layers[members[l]].scene);
                id_ = 0;
            }
            for (; next < kept.size() && group.places[kept[next].object].first == l; ++next)
                write(group, members[l], kept[next], own ? *own : *sink_);
            if (own) own->close();
            progress_.update(++done_, std::to_string(report_.segments) + " segments");
        }
    }

    void write(const Group& group, std::size_t member, const vectors::ResolvedObject& object,
               output::LayerSink& sink) {
        const auto [layer, place] = group.places[object.object];
        const output::ReadLayer& source = group.layers[layer];
        const Feature& seen = source.features[place];
        Feature feature;
        feature.id = ++id_;
        feature.geometry = object.outline.empty() ? seen.geometry : object.outline;
        raster::GroundSize size;
        if (!object.outline.empty()) size = measure(object.outline);
        for (const FieldDefinition& field : fields_) {
            output::FieldValue value;
            const auto at = std::find(source.field_names.begin(), source.field_names.end(), field.name);
            if (field.name == "id")
                value = feature.id;
            else if (field.name == "scene")
                value = options_.layers[member].scene;
            else if (field.name == "date" && !options_.layers[member].date.empty())
                value = options_.layers[member].date;
            else if (field.name == "scenes")
                value = static_cast<std::int64_t>(object.scenes);
            else if (!object.outline.empty() && (field.name == "area_m2" || field.name == "perimeter_m"))
                value = field.name == "area_m2" ? size.area_m2 : size.perimeter_m;
            else if (at != source.field_names.end())
                value = seen.values[static_cast<std::size_t>(at - source.field_names.begin())];
            feature.values.push_back(std::move(value));
        }
        sink.write(feature);
        ++report_.segments;
    }

    raster::GroundSize measure(const MultiPolygon& world) {
        if (!georeference_) {
            raster::SceneInfo info;
            info.width = info.height = 1;
            info.crs_wkt = crs_wkt_;
            info.geo_transform = GeoTransform{};
            georeference_.emplace(info);
        }
        return georeference_->size(world);
    }

    const MergeLayersOptions& options_;
    Progress& progress_;
    bool is_database_;
    std::string crs_wkt_;
    std::vector<Outline> outlines_;
    std::vector<FieldDefinition> fields_;
    std::unique_ptr<output::LayerSink> sink_;
    std::optional<raster::Georeference> georeference_;
    std::int64_t id_ = 0, done_ = 0;
    MergeLayersReport report_;
};

}  // namespace

void MergeLayersOptions::validate() const {
    if (!(same_iou >= 0 && same_iou <= 1))
        throw Error("--same-iou", "must be from 0 to 1", "", ErrorKind::usage);
    if (layers.empty()) throw Error(output, "there is no layer to merge", "run the scenes first");
    output::LayerOptions check;
    check.path = output;
    check.validate();
}

MergeLayersReport merge_layers(const MergeLayersOptions& options, Progress& progress) {
    options.validate();
    return LayerMerge(options, progress).run();
}

}  // namespace landseam::pipeline
