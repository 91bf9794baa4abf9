#include "landseam/pipeline/classify_scene.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/settings_file.h"

#include "pipeline/class_model_file.h"

#include <filesystem>

namespace landseam::pipeline {
namespace {

namespace fs = std::filesystem;

// The layer of segments and its settings, gone when the work is done or given up.
class PassingLayer {
public:
    explicit PassingLayer(std::string path) : path_(std::move(path)) {}
    ~PassingLayer() {
        std::error_code ignored;
        for (const std::string& path : {path_, settings_path(path_)}) fs::remove(path, ignored);
    }
    PassingLayer(const PassingLayer&) = delete;
    PassingLayer& operator=(const PassingLayer&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace

ClassifiedScene segment_and_classify(const SegmentOptions& options, const ClassifySceneOptions& classes,
                                     Progress& progress) {
    if (settings_path(options.output).empty())
        throw Error("--classify", "needs an output that is a file, and '" + options.output + "' is none",
                    "segment first, then 'landseam classify' into the database", ErrorKind::usage);
    if (fs::exists(options.output) && !options.overwrite)
        throw Error(options.output, "exists", "name another output, or replace it with --overwrite");
    read_class_model(classes.model);  // what is wrong with it is told before the long work
    const PassingLayer segments(options.output + ".segments.gpkg");

    SegmentOptions segmenting = options;
    segmenting.output = segments.path();
    segmenting.overwrite = true;
    if (segmenting.work.empty()) segmenting.work = options.output + ".work";
    segmenting.target_crs.clear();
    ClassifiedScene result;
    result.segments = segment_scene(segmenting, progress);

    ClassifyOptions classifying;
    static_cast<ModelOptions&>(classifying) = options;
    classifying.scene = options.scene;
    classifying.layer = segments.path();
    classifying.open = options.open;
    classifying.picture = options.picture;
    classifying.output = options.output;
    classifying.overwrite = options.overwrite;
    classifying.layer_name = options.layer_name;
    classifying.model = classes.model;
    classifying.only = classes.only;
    classifying.min_probability = classes.min_probability;
    classifying.overlap = classes.overlap;
    result.classes = classify_layer(classifying, progress);
    std::error_code ignored;
    fs::rename(settings_path(segments.path()), settings_path(options.output), ignored);
    return result;
}

}  // namespace landseam::pipeline
