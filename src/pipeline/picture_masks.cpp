#include "landseam/pipeline/picture_masks.h"

#include "landseam/core/error.h"
#include "landseam/output/mask_files.h"

#include "pipeline/model_memory.h"
#include "pipeline/stop.h"
#include "pipeline/tile_run.h"
#include "pipeline/threads.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace fs = std::filesystem;
namespace {

struct PictureFile {
    std::string path;
    std::string output;
};

std::string output_of(const PictureMasksOptions& options, const fs::path& picture) {
    return (fs::path(options.output) / (picture.stem().string() + (options.coco_rle ? ".json" : "")))
        .string();
}

// Files that only accompany pictures, and are no reason for a warning.
bool is_companion(const fs::path& file) {
    static const std::set<std::string> extensions{".xml", ".tfw", ".jgw", ".pgw", ".wld", ".prj",
                                                  ".ovr", ".txt", ".md",  ".csv", ".json"};
    const std::string name = file.filename().string();
    return name.empty() || name[0] == '.' || extensions.count(file.extension().string());
}

std::vector<PictureFile> pictures_of(const PictureMasksOptions& options) {
    std::vector<fs::path> files;
    std::error_code unknown;
    if (fs::is_directory(options.input, unknown)) {
        for (const fs::directory_entry& entry : fs::directory_iterator(options.input))
            if (!entry.is_directory() && !is_companion(entry.path())) files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        if (files.empty()) throw Error(options.input, "holds no file that could be a picture");
    } else {
        files.push_back(options.input);
    }
    std::vector<PictureFile> pictures;
    std::map<std::string, fs::path> makers;
    for (const fs::path& file : files) {
        pictures.push_back({file.string(), output_of(options, file)});
        const auto [known, added] = makers.try_emplace(pictures.back().output, file);
        if (!added)
            throw Error(file.string(),
                        "would be written to the same place as '" + known->second.string() + "'",
                        "rename one of them, or put them into different folders");
    }
    return pictures;
}

struct Picture {
    ImageU8 rgb;
    ImageU8 valid;
};

Picture read_picture(const PictureMasksOptions& options, const std::string& path, Progress& progress) {
    const ScenePicture scene = prepare_scene(path, options.open, options.picture, progress);
    const raster::SceneInfo& info = scene.source->info();
    constexpr std::int64_t most_pixels = 400'000'000;
    if (info.width > most_pixels / info.height)
        throw Error(path, "is too large to be taken as one picture", "use 'landseam segment'");
    const RasterWindow pixels = scene.source->read({0, 0, info.width, info.height}, scene.plan.source_bands);
    return {bands::to_rgb(pixels, scene.plan, scene.stretch), pixels.valid};
}

// What of a picture's warnings concerns only its place on the globe is of no interest here.
class WithoutGeoreferenceWarnings : public Progress {
public:
    explicit WithoutGeoreferenceWarnings(Progress& progress) : progress_(progress) {}
    void begin(const std::string&, std::int64_t) override {}
    void update(std::int64_t, const std::string&) override {}
    void end() override {}
    void warn(const std::string& message) override {
        if (message.find("georeference") == std::string::npos) progress_.warn(message);
    }

private:
    Progress& progress_;
};

class PictureRun {
public:
    PictureRun(const PictureMasksOptions& options, const LoadedModel& model,
               mask_generation::MaskGeneratorOptions generator, Progress& progress)
        : options_(options), generator_(model.sam, std::move(generator)), progress_(progress) {
        suit_model(options_.picture, sam::model_info(*model.sam));
        if (!options.embeddings.empty())
            embeddings_ = std::make_unique<sam::EmbeddingCache>(
                options.embeddings, sam::fingerprint(*model.sam),
                [&](const std::string& message) { progress_.warn(message); });
    }

    void work_on(const PictureFile& file, bool alone) {
        std::optional<std::vector<TileMask>> masks;
        const bool known = !options_.overwrite && fs::exists(file.output);
        if (!known)
            if (const std::optional<Picture> picture = read(file, alone)) masks = make(file, *picture);
        const std::lock_guard<std::mutex> lock(mutex_);
        report_.known += known;
        report_.pictures += masks.has_value();
        report_.unread += !known && !masks;
        report_.masks += masks ? static_cast<std::int64_t>(masks->size()) : 0;
        progress_.update(++done_, std::to_string(report_.masks) + " masks");
    }

    const PictureMasksReport& report() const { return report_; }

private:
    // Nothing, and a warning, where the file is no picture; of the only file that is an Error.
    std::optional<Picture> read(const PictureFile& file, bool alone) {
        WithoutGeoreferenceWarnings warnings(progress_);
        try {
            return read_picture(options_, file.path, warnings);
        } catch (const Error& error) {
            if (alone || error.kind() != ErrorKind::failed) throw;
            progress_.warn(std::string(error.what()) + "; left out");
            return {};
        }
    }

    std::vector<TileMask> make(const PictureFile& file, const Picture& picture) {
        std::vector<TileMask> masks =
            generator_.generate(picture.rgb, &picture.valid, shared_with_idle_threads(), embeddings_.get());
        const auto write = options_.coco_rle ? output::write_mask_json : output::write_mask_folder;
        write(file.output, masks, picture.rgb.width, picture.rgb.height, options_.overwrite);
        return masks;
    }

    PictureMasksOptions options_;
    const mask_generation::AutomaticMaskGenerator generator_;
    Progress& progress_;
    std::unique_ptr<sam::EmbeddingCache> embeddings_;
    std::mutex mutex_;
    PictureMasksReport report_;
    std::int64_t done_ = 0;
};

TileSchedule plan(const PictureMasksOptions& options, const LoadedModel& model, std::size_t pictures) {
    PictureNeeds needs;
    needs.side = 2048;  // most pictures are not larger
    needs.prompts = std::int64_t{options.generator.points_per_side} * options.generator.points_per_side;
    needs.prompts_at_once = options.generator.points_per_batch;
    return plan_pictures(static_cast<int>(pictures), options, memory_needs(options, *model.sam, needs));
}

void work_on_all(PictureRun& run, const std::vector<PictureFile>& pictures, const TileSchedule& schedule) {
    std::atomic<std::size_t> next{0};
    const auto take_pictures = [&](int) {
        try {
            for (std::size_t i = next++; i < pictures.size(); i = next++) {
                check_stop();
                run.work_on(pictures[i], pictures.size() == 1);
            }
        } catch (...) {
            next = pictures.size();  // the others need not begin another one
            throw;
        }
    };
    tbb::task_arena arena(schedule.threads);
    arena.execute(
        [&] { tbb::parallel_for(0, schedule.tiles_at_once, take_pictures, tbb::simple_partitioner()); });
}

}  // namespace

void PictureMasksOptions::validate() const {
    ModelOptions::validate();
    open.validate();
    picture.stretch.validate();
    generator.validate();
}

PictureMasksReport picture_masks(const PictureMasksOptions& options, Progress& progress) {
    options.validate();
    const std::vector<PictureFile> pictures = pictures_of(options);
    std::error_code failure;
    fs::create_directories(options.output, failure);
    if (failure || !fs::is_directory(options.output))
        throw Error(options.output, "cannot be made a folder" + (failure ? ": " + failure.message() : ""),
                    "give another folder");
    sam::use_one_thread_per_call();
    const LoadedModel model =
        load_model(options.checkpoint, options.device, sam::precision_named(options.precision), progress);
    const ThreadLimit limit(options.threads_or_cores());
    mask_generation::MaskGeneratorOptions generator = options.generator;
    generator.pred_iou_thresh = options.pred_iou_thresh.value_or(model.pred_iou_thresh);
    generator.stability_score_thresh = options.stability_score_thresh.value_or(model.stability_score_thresh);
    PictureRun run(options, model, generator, progress);
    progress.begin("pictures", static_cast<std::int64_t>(pictures.size()));
    work_on_all(run, pictures, plan(options, model, pictures.size()));
    progress.end();
    const PictureMasksReport& report = run.report();
    if (report.unread == static_cast<std::int64_t>(pictures.size()))
        throw Error(options.input, "holds no picture that can be read");
    return report;
}

}  // namespace landseam::pipeline
