// How well a model outlines an object that somebody points at: one point on each true object of a layer, at
// its most interior pixel, in a window of the scene with the model's picture size around it.
//
//     one_click SCENE TRUTH [--checkpoint FILE] [--gsd METRES] [--class-field NAME] [--json]
//
// "best" is the best IoU of the model's three masks with the object, "chosen" that of the mask which the
// model itself rates best. Objects that would take more than 0.6 of the window's side get one in which the
// scene is reduced, by a power of two. The picture is made as `landseam segment` makes it of a tile.
#include "landseam/core/error.h"
#include "landseam/core/interior_pixel.h"
#include "landseam/core/polygon_fill.h"
#include "landseam/output/layer_reader.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/sam/predictor.h"
#include "landseam/tiling/prompt_window.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

namespace {

using namespace landseam;

struct Settings {
    std::string scene, truth, checkpoint, class_field, device = "cpu";
    int threads = 2;
    int picture_size = 0;  // 0: the model's
    bool json = false;
    raster::OpenOptions open;
    pipeline::PictureOptions picture;
};

struct TrueObject {
    MultiPolygon outline;  // scene pixels
    std::string class_name;
};

struct Click {
    double best = 0;       // IoU of the best of the model's masks
    double chosen = 0;     // IoU of the one it rates best
    double predicted = 0;  // what it thinks that IoU is
    int reduction = 1;
};

MultiPolygon mapped(MultiPolygon polygons, const std::function<Point(Point)>& map) {
    for (Polygon& polygon : polygons) {
        for (Point& p : polygon.outer) p = map(p);
        for (Ring& hole : polygon.holes)
            for (Point& p : hole) p = map(p);
    }
    return polygons;
}

std::string text_of(const output::FieldValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    return {};
}

std::vector<TrueObject> read_truth(const Settings& settings, const raster::SceneInfo& info) {
    const output::ReadLayer layer = output::read_layer(settings.truth, "", info.crs_wkt);
    const auto& names = layer.field_names;
    const auto field = std::find(names.begin(), names.end(), settings.class_field) - names.begin();
    if (!settings.class_field.empty() && field == static_cast<std::ptrdiff_t>(names.size()))
        throw Error(settings.truth, "has no field '" + settings.class_field + "'");
    const GeoTransform transform = info.geo_transform.value_or(GeoTransform{});
    std::vector<TrueObject> objects;
    for (const output::Feature& feature : layer.features) {
        const auto to_pixel = [&](Point p) { return transform.to_pixel(p); };
        objects.push_back({mapped(feature.geometry, to_pixel), {}});
        if (!settings.class_field.empty())
            objects.back().class_name = text_of(feature.values[static_cast<std::size_t>(field)]);
    }
    return objects;
}

// The whole pixels that hold all vertices.
PixelBox bounds(const MultiPolygon& polygons) {
    double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;
    for (const Polygon& polygon : polygons)
        for (const Point& p : polygon.outer) {
            x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
            y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
        }
    const auto left = static_cast<std::int64_t>(std::floor(x0)),
               top = static_cast<std::int64_t>(std::floor(y0));
    return {left, top, static_cast<std::int64_t>(std::ceil(x1)) - left,
            static_cast<std::int64_t>(std::ceil(y1)) - top};
}

class OneClick {
public:
    OneClick(const Settings& settings, const pipeline::LoadedModel& model,
             const pipeline::ScenePicture& scene)
        : model_(model.sam), scene_(scene), picture_size_(settings.picture_size) {
        if (picture_size_ == 0) picture_size_ = sam::model_info(*model_).image_size;
    }

    // Nothing where no pixel of the object is left at the window's resolution or in the scene.
    std::optional<Click> click(const TrueObject& object) const {
        const raster::SceneInfo& info = scene_.source->info();
        const PixelBox whole{0, 0, info.width, info.height};
        const PixelBox box = intersection(bounds(object.outline), whole);
        if (box.empty()) return {};
        const int reduction =
            tiling::prompt_reduction(static_cast<double>(std::max(box.width, box.height)), picture_size_);
        const tiling::PromptWindow window =
            tiling::prompt_window(whole, middle(object, box, reduction), box, picture_size_, reduction);
        const RunMask truth =
            fill_polygons(mapped(object.outline, [&](Point p) { return window.to_picture(p); }),
                          {0, 0, window.width, window.height});
        const auto pixel = most_interior_pixel(truth);
        if (!pixel) return {};
        Click result = best_of(window, truth, *pixel);
        result.reduction = reduction;
        return result;
    }

private:
    // The object's most interior place, in scene pixels, to the accuracy of the reduced scene.
    static Point middle(const TrueObject& object, const PixelBox& box, int reduction) {
        const auto reduced = [&](Point p) { return Point{p.x / reduction, p.y / reduction}; };
        const PixelBox frame{box.x / reduction, box.y / reduction, box.width / reduction + 1,
                             box.height / reduction + 1};
        const auto pixel = most_interior_pixel(fill_polygons(mapped(object.outline, reduced), frame));
        if (!pixel)
            return {static_cast<double>(box.x) + static_cast<double>(box.width) / 2,
                    static_cast<double>(box.y) + static_cast<double>(box.height) / 2};
        return {(pixel->x + 0.5) * reduction, (pixel->y + 0.5) * reduction};
    }

    Click best_of(const tiling::PromptWindow& window, const RunMask& truth,
                  const InteriorPixel& point) const {
        const RasterWindow pixels =
            scene_.source->read(window.box, scene_.plan.source_bands, window.width, window.height);
        sam::SamPredictor predictor(model_);
        predictor.set_image(bands::to_rgb(pixels, scene_.plan, scene_.stretch));
        const auto prediction =
            predictor.predict_points({{static_cast<double>(point.x), static_cast<double>(point.y)}});
        const at::Tensor masks =
            predictor.upscale(prediction.low_res_logits)[0].gt(0).to(at::kCPU, at::kByte).contiguous();
        const at::Tensor rated = prediction.iou_predictions[0].to(at::kCPU);
        Click click;
        click.predicted = -1e300;
        for (std::int64_t i = 0; i < masks.size(0); ++i) {
            ImageU8 image(window.width, window.height);
            std::copy_n(masks[i].data_ptr<std::uint8_t>(), image.values.size(), image.values.begin());
            const double iou = intersection_over_union(RunMask::from_image(image), truth);
            click.best = std::max(click.best, iou);
            if (const double prediction_of_this = rated[i].item<double>();
                prediction_of_this > click.predicted) {
                click.predicted = prediction_of_this;
                click.chosen = iou;
            }
        }
        return click;
    }

    std::shared_ptr<const sam::Sam> model_;
    const pipeline::ScenePicture& scene_;
    int picture_size_;
};

// Sums while objects are added, means when they are told.
struct Summary {
    std::int64_t objects = 0, reduced = 0, best_50 = 0, chosen_50 = 0;
    double best = 0, chosen = 0, rating_error = 0;

    void add(const Click& click) {
        ++objects;
        reduced += click.reduction > 1;
        best += click.best;
        best_50 += click.best >= 0.5;
        chosen += click.chosen;
        chosen_50 += click.chosen >= 0.5;
        rating_error += std::abs(click.predicted - click.chosen);
    }
    double mean(double sum) const { return objects > 0 ? sum / static_cast<double>(objects) : 0; }
    nlohmann::ordered_json json() const {
        return {{"objects", objects},
                {"reduced", reduced},
                {"mean_best_iou", mean(best)},
                {"share_best_iou_50", mean(static_cast<double>(best_50))},
                {"mean_chosen_iou", mean(chosen)},
                {"share_chosen_iou_50", mean(static_cast<double>(chosen_50))},
                {"mean_rating_error", mean(rating_error)}};
    }
    void print(const std::string& name) const {
        std::printf("%-16s %8lld %8lld %10.3f %8.3f %10.3f %8.3f %12.3f\n", name.c_str(),
                    static_cast<long long>(objects), static_cast<long long>(reduced), mean(best),
                    mean(static_cast<double>(best_50)), mean(chosen), mean(static_cast<double>(chosen_50)),
                    mean(rating_error));
    }
};

void report(const Settings& settings, const std::vector<TrueObject>& objects,
            const std::vector<std::optional<Click>>& clicks) {
    Summary all;
    std::map<std::string, Summary> per_class;
    std::int64_t left_out = 0;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        left_out += !clicks[i];
        if (!clicks[i]) continue;
        all.add(*clicks[i]);
        if (!settings.class_field.empty()) per_class[objects[i].class_name].add(*clicks[i]);
    }
    if (settings.json) {
        nlohmann::ordered_json json = all.json();
        json["left_out"] = left_out;
        json["per_class"] = nlohmann::ordered_json::object();
        for (const auto& [name, summary] : per_class) json["per_class"][name] = summary.json();
        std::printf("%s\n", json.dump(2).c_str());
        return;
    }
    std::printf("%-16s %8s %8s %10s %8s %10s %8s %12s\n", "", "objects", "reduced", "mean best", ">= 0.5",
                "chosen", ">= 0.5", "rating error");
    all.print("all");
    for (const auto& [name, summary] : per_class) summary.print(name);
    if (left_out > 0)
        std::printf("%lld objects have no pixel in the scene at this resolution\n",
                    static_cast<long long>(left_out));
}

void run(const Settings& settings) {
    sam::use_one_thread_per_call();
    const auto progress = quiet_progress();
    const pipeline::LoadedModel model =
        pipeline::load_model(settings.checkpoint, settings.device, sam::Precision::fp32, *progress);
    pipeline::PictureOptions picture = settings.picture;
    pipeline::suit_model(picture, sam::model_info(*model.sam));
    const pipeline::ScenePicture scene =
        pipeline::prepare_scene(settings.scene, settings.open, picture, *progress);
    const std::vector<TrueObject> objects = read_truth(settings, scene.source->info());
    const OneClick one_click(settings, model, scene);
    const tbb::global_control threads(tbb::global_control::max_allowed_parallelism,
                                      static_cast<std::size_t>(settings.threads));
    std::vector<std::optional<Click>> clicks(objects.size());
    tbb::parallel_for(std::size_t{0}, objects.size(),
                      [&](std::size_t i) { clicks[i] = one_click.click(objects[i]); });
    report(settings, objects, clicks);
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App program("IoU of what a model makes of one point on each true object");
    program.option_defaults()->always_capture_default();
    program.add_option("scene", settings.scene, "Any raster GDAL reads")->required();
    program.add_option("truth", settings.truth, "Layer of true objects, in any CRS")->required();
    program.add_option("--checkpoint", settings.checkpoint, "Weights [the embedded model]")->default_str("");
    program.add_option("--device", settings.device, "cpu, cuda or cuda:N");
    program.add_option("--gsd", settings.open.gsd,
                       "Resample the scene to this many metres on the ground a pixel");
    program.add_option("--preset", settings.picture.channels.preset, "Sensor preset [what suits the file]")
        ->default_str("");
    program.add_option("--class-field", settings.class_field, "Field of the truth: gives scores per class")
        ->default_str("");
    program
        .add_option("--picture-size", settings.picture_size, "Side of the window in pixels; 0: the model's")
        ->check(CLI::NonNegativeNumber);
    program.add_option("--threads", settings.threads, "Objects worked on at once")
        ->check(CLI::PositiveNumber);
    program.add_flag("--json", settings.json, "Print JSON instead of a table");
    CLI11_PARSE(program, argc, argv);
    try {
        run(settings);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
