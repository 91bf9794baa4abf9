#include "pipeline/prompt_windows.h"

#include "landseam/core/error.h"
#include "landseam/raster/georeference.h"
#include "landseam/vectors/simplify.h"
#include "landseam/vectors/trace.h"

#include "pipeline/stop.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <tuple>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

using mask_generation::ObjectPrompt;
using tiling::PromptWindow;

// An object takes at most half of its window's side, so that with windows half a side apart it lies in one.
constexpr double largest_share = 0.5;
// Smaller objects are enlarged.
constexpr double smallest_share = 0.1;

struct Work {
    const ScenePicture& scene;
    const std::vector<PromptObject>& objects;
    const mask_generation::PromptedMaskGenerator& generator;
    const PromptOptions& options;
    sam::EmbeddingCache* embeddings;

    PixelBox whole() const {
        const raster::SceneInfo& info = scene.source->info();
        return {0, 0, info.width, info.height};
    }
};

PromptWindow window_of(const Work& work, const PromptObject& object, double scale) {
    const ObjectPrompt::Box extent = object.extent();
    const Point centre{(extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2};
    const int size = work.generator.model_info().image_size;
    const int own_windows = static_cast<int>(std::lround(size * scale));  // a step of one pixel
    const int steps = work.options.window_steps > 0 ? work.options.window_steps : std::max(1, own_windows);
    return tiling::shared_prompt_window(work.whole(), centre, size, scale, steps);
}

ObjectPrompt in_picture(const ObjectPrompt& prompt, const PromptWindow& window) {
    ObjectPrompt placed = prompt;
    for (auto& point : placed.points) point.at = window.to_picture(point.at);
    if (placed.box) {
        const Point first = window.to_picture({placed.box->x0, placed.box->y0}),
                    last = window.to_picture({placed.box->x1, placed.box->y1});
        placed.box = ObjectPrompt::Box{first.x, first.y, last.x, last.y};
    }
    for (Polygon& polygon : placed.outline) {
        for (Point& p : polygon.outer) p = window.to_picture(p);
        for (Ring& hole : polygon.holes)
            for (Point& p : hole) p = window.to_picture(p);
    }
    return placed;
}

bool overlaps_scene(const ObjectPrompt::Box& extent, const PixelBox& scene) {
    return extent.x1 >= 0 && extent.y1 >= 0 && extent.x0 <= static_cast<double>(scene.width) &&
           extent.y0 <= static_cast<double>(scene.height);
}

// Whether the prompt speaks of a pixel with data: under a point on the object, or anywhere in its box.
bool has_data(const ObjectPrompt& prompt, const ObjectPrompt::Box& extent, const ImageU8& valid) {
    const auto pixel = [](double at, int size) {
        return static_cast<int>(std::clamp(std::floor(at), 0.0, static_cast<double>(size - 1)));
    };
    const bool by_points = !prompt.box && prompt.outline.empty();
    if (by_points)
        return std::any_of(prompt.points.begin(), prompt.points.end(), [&](const auto& point) {
            return point.on_object &&
                   valid.at(pixel(point.at.x, valid.width), pixel(point.at.y, valid.height));
        });
    for (int y = pixel(extent.y0, valid.height); y <= pixel(extent.y1, valid.height); ++y)
        for (int x = pixel(extent.x0, valid.width); x <= pixel(extent.x1, valid.width); ++x)
            if (valid.at(x, y)) return true;
    return false;
}

struct Edges {
    bool window = false;  // the mask is cut by the window, and there is more of the scene beyond
    bool any = false;     // or by the scene's border
};

Edges edges_reached(const RunMask& mask, const PromptWindow& window, const PixelBox& scene) {
    const PixelBox bounds = mask.bounds();
    const bool left = bounds.x == 0, top = bounds.y == 0, right = bounds.right() == window.width,
               bottom = bounds.bottom() == window.height;
    Edges edges;
    edges.any = left || top || right || bottom;
    edges.window = (left && window.box.x > scene.x) || (top && window.box.y > scene.y) ||
                   (right && window.box.right() < scene.right()) ||
                   (bottom && window.box.bottom() < scene.bottom());
    return edges;
}

MultiPolygon outline_in_scene(const RunMask& mask, const PromptWindow& window, double simplify) {
    MultiPolygon outline = vectors::simplify(vectors::trace(mask), simplify);
    const double x_scale = static_cast<double>(window.box.width) / window.width,
                 y_scale = static_cast<double>(window.box.height) / window.height;
    const auto place = [&](Ring& ring) {
        for (Point& p : ring)
            p = {static_cast<double>(window.box.x) + p.x * x_scale,
                 static_cast<double>(window.box.y) + p.y * y_scale};
    };
    for (Polygon& polygon : outline) {
        place(polygon.outer);
        for (Ring& hole : polygon.holes) place(hole);
    }
    return outline;
}

// What is asked in one window.
struct WindowWork {
    PromptWindow window;
    double scale = 1;
    std::vector<std::size_t> objects;
};

// Answers the window's objects; returns those for which a coarser window should be tried.
std::vector<std::size_t> answer(const Work& work, const WindowWork& one, const ParallelFor& parallel_for,
                                std::vector<FoundObject>& found) {
    const PromptWindow& window = one.window;
    const RasterWindow pixels =
        work.scene.source->read(window.box, work.scene.plan.source_bands, window.width, window.height);
    std::vector<ObjectPrompt> prompts;
    std::vector<std::size_t> asked, cut;
    for (const std::size_t i : one.objects) {
        ObjectPrompt prompt = in_picture(work.objects[i].prompt, window);
        PromptObject placed;
        placed.prompt = prompt;
        if (!has_data(prompt, placed.extent(), pixels.valid)) {
            found[i].status = "nodata";
            continue;
        }
        prompts.push_back(std::move(prompt));
        asked.push_back(i);
    }
    if (asked.empty()) return cut;
    const ImageU8 rgb = bands::to_rgb(pixels, work.scene.plan, work.scene.stretch);
    const auto masks = work.generator.generate(rgb, prompts, &pixels.valid, parallel_for, work.embeddings);
    for (std::size_t k = 0; k < asked.size(); ++k) {
        FoundObject& object = found[asked[k]];
        const bool looked_before = object.status == "ok";
        if (masks[k].mask.empty()) {
            if (!looked_before) object.status = "empty";
            continue;
        }
        const Edges edges = edges_reached(masks[k].mask, window, work.whole());
        object = {"ok",
                  outline_in_scene(masks[k].mask, window, work.options.simplify),
                  masks[k].predicted_iou,
                  masks[k].stability_score,
                  one.scale,
                  edges.any};
        if (edges.window && !work.objects[asked[k]].sized()) cut.push_back(asked[k]);
    }
    return cut;
}

// Windows in a fixed order, each with its objects.
std::vector<WindowWork> share_windows(const Work& work, const std::vector<std::size_t>& pending,
                                      const std::vector<double>& scales) {
    std::map<std::tuple<double, std::int64_t, std::int64_t>, WindowWork> windows;
    for (const std::size_t i : pending) {
        const PromptWindow window = window_of(work, work.objects[i], scales[i]);
        WindowWork& one = windows[{scales[i], window.box.y, window.box.x}];
        one.window = window;
        one.scale = scales[i];
        one.objects.push_back(i);
    }
    std::vector<WindowWork> list;
    for (auto& [place, one] : windows) list.push_back(std::move(one));
    return list;
}

// All windows of a round; returns the objects to try again in a coarser one.
std::vector<std::size_t> answer_all(const Work& work, const std::vector<WindowWork>& windows,
                                    const TileSchedule& schedule, Progress& progress,
                                    std::vector<FoundObject>& found) {
    std::vector<std::size_t> cut;
    std::mutex mutex;
    std::atomic<std::size_t> next{0};
    std::int64_t done = 0;
    const ParallelFor shared = shared_with_idle_threads();
    const auto take_windows = [&](int) {
        try {
            for (std::size_t i = next++; i < windows.size(); i = next++) {
                check_stop();
                const std::vector<std::size_t> some = answer(work, windows[i], shared, found);
                const std::lock_guard<std::mutex> lock(mutex);
                cut.insert(cut.end(), some.begin(), some.end());
                progress.update(++done, {});
            }
        } catch (...) {
            next = windows.size();  // the others need not begin another one
            throw;
        }
    };
    progress.begin("windows", static_cast<std::int64_t>(windows.size()));
    tbb::task_arena arena(schedule.threads);
    const int at_once = std::min(schedule.tiles_at_once, static_cast<int>(windows.size()));
    arena.execute([&] { tbb::parallel_for(0, at_once, take_windows, tbb::simple_partitioner()); });
    progress.end();
    std::sort(cut.begin(), cut.end());
    return cut;
}

// Scene pixels across an object of the size that the options name; 0 where they name none.
double pointed_at_side(const Work& work) {
    if (!work.options.object_size) return 0;
    const raster::Georeference georeference(work.scene.source->info());
    const Point pixel = georeference.known() ? georeference.pixel_size_m() : Point{0, 0};
    const double gsd = std::max(pixel.x, pixel.y);
    if (!(std::isfinite(gsd) && gsd > 0))
        throw Error(work.options.scene,
                    "has no georeference that tells the size of its pixels, so --object-size means nothing",
                    "leave it out", ErrorKind::usage);
    return *work.options.object_size / gsd;
}

}  // namespace

double first_scale(const PromptObject& object, int picture_size, double pointed_at_side) {
    const ObjectPrompt::Box extent = object.extent();
    const double side = std::max({extent.x1 - extent.x0, extent.y1 - extent.y0, pointed_at_side});
    if (object.sized() || pointed_at_side > 0)
        return tiling::prompt_scale(std::max(side, 1e-3), picture_size, smallest_share, largest_share);
    return std::max(1.0,
                    tiling::prompt_scale(std::max(side, 1.0), picture_size, smallest_share, largest_share));
}

FoundObjects find_objects(const ScenePicture& scene, const std::vector<PromptObject>& objects,
                          const mask_generation::PromptedMaskGenerator& generator,
                          const PromptOptions& options, const TileSchedule& schedule, Progress& progress,
                          sam::EmbeddingCache* embeddings) {
    const Work work{scene, objects, generator, options, embeddings};
    const double side = pointed_at_side(work);
    FoundObjects result;
    result.objects.resize(objects.size());
    std::vector<double> scales(objects.size());
    std::vector<std::size_t> pending;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        if (!objects[i].positive()) {
            result.objects[i].status = "no_positive";
        } else if (!overlaps_scene(objects[i].extent(), work.whole())) {
            result.objects[i].status = "outside";
        } else {
            scales[i] = first_scale(objects[i], generator.model_info().image_size, side);
            pending.push_back(i);
        }
    }
    while (!pending.empty()) {
        const std::vector<WindowWork> windows = share_windows(work, pending, scales);
        result.windows += static_cast<std::int64_t>(windows.size());
        pending = answer_all(work, windows, schedule, progress, result.objects);
        for (const std::size_t i : pending) scales[i] *= 2;
    }
    return result;
}

}  // namespace landseam::pipeline
