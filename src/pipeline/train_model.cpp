#include "landseam/pipeline/train_model.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "landseam/core/error.h"
#include "landseam/pipeline/checkpoints.h"
#include "pipeline/stop.h"

namespace landseam::pipeline {
namespace {

namespace fs = std::filesystem;

// Files as they are, folders as the packed files in them, by name.
std::vector<std::string> packed_files(const std::string& path) {
    if (!fs::is_directory(path)) return {path};
    std::vector<std::string> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(path))
        if (entry.path().extension() == ".safetensors") files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    if (files.empty()) throw Error(path, "holds no packed samples (.safetensors)", "pack some with 'landseam train --pack'");
    return files;
}

void spread_folders(sam::TrainOptions& training) {
    std::vector<sam::TrainSource> samples;
    for (const sam::TrainSource& source : training.samples)
        for (const std::string& file : packed_files(source.path)) samples.push_back({file, source.weight});
    std::vector<std::string> validation;
    for (const std::string& path : training.validation)
        for (const std::string& file : packed_files(path)) validation.push_back(file);
    training.samples = std::move(samples);
    training.validation = std::move(validation);
}

void remove_earlier_run(const sam::TrainOptions& training) {
    for (const std::string& path : {training.output, training.state.empty() ? training.output + ".state" : training.state,
                                    training.log.empty() ? training.output + ".csv" : training.log})
        fs::remove(path);
}

void print(const sam::TrainProgress& p) {
    std::printf("step %lld of %lld  loss %.4f  IoU %.3f  rate %.2g  %.3f s a step", static_cast<long long>(p.step),
                static_cast<long long>(p.steps), p.loss, p.iou, p.rate, p.seconds_a_step);
    if (p.scores)
        std::printf("  |  1-click IoU %.4f, %.3f of them from 0.5; preferred mask %.4f; scores off by %.3f", p.scores->one_click,
                    p.scores->one_click_share, p.scores->preferred, p.scores->score_error);
    std::printf("\n");
    std::fflush(stdout);
}

}  // namespace

void TrainModelOptions::validate() const {
    training.validate();
    if (start.empty()) new_model.validate();
    if (threads < 0) throw Error("--threads", "is negative", "choose 0 (one a core) or more", ErrorKind::usage);
}

sam::TrainReport train_model(const TrainModelOptions& options, Progress& progress) {
    options.validate();
    sam::TrainOptions training = options.training;
    spread_folders(training);
    if (options.overwrite) remove_earlier_run(training);
    sam::use_one_thread_per_call();
    std::optional<sam::CheckpointFile> start;
    if (!options.start.empty()) start = open_checkpoint(options.start == "embedded" ? "" : options.start, progress);
    tbb::task_arena arena(options.threads > 0 ? options.threads : tbb::task_arena::automatic);
    // Called from another thread, too, which is in no arena.
    const ParallelFor parallel_for = [&arena](std::size_t count, const std::function<void(std::size_t)>& body) {
        arena.execute([&] { tbb::parallel_for(std::size_t{0}, count, body, tbb::simple_partitioner()); });
    };
    std::optional<std::int64_t> first;  // step of the first report: a run that goes on is not ahead of its time
    const auto tell = [&](const sam::TrainProgress& p) {
        print(p);
        if (!first) progress.begin("training steps", training.steps - *(first = p.step));
        progress.update(p.step - *first, "");
    };
    sam::TrainReport report;
    arena.execute([&] {
        report = sam::train(training, start ? &*start : nullptr, options.new_model, options.device, parallel_for, tell,
                            [] { return !stop_was_requested(); });
    });
    if (first) progress.end();
    return report;
}

void mean_checkpoint(const std::vector<std::string>& checkpoints, const TrainModelOptions& options, Progress& progress) {
    const std::string& output = options.training.output;
    if (!options.overwrite && fs::exists(output))
        throw Error(output, "exists already", "give another name, or --overwrite to replace it");
    std::vector<sam::CheckpointFile> files;
    for (const std::string& name : checkpoints) files.push_back(open_checkpoint(name == "embedded" ? "" : name, progress));
    sam::write_mean(files, output, options.training.half);
}

}  // namespace landseam::pipeline
