#include "landseam/core/error.h"
#include "landseam/sam/modules.h"
#include "landseam/sam/trainer.h"

#include "sam/architecture.h"
#include "sam/cpu/image_encoder.h"
#include "sam/ops.h"
#include "sam/training/bands.h"
#include "sam/training/material.h"
#include "sam/training/new_model.h"
#include "sam/training/optimizer.h"
#include "sam/training/run_log.h"
#include "sam/training/shard.h"
#include "sam/training/state.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <future>
#include <tuple>
#include <utility>

namespace landseam::sam {

namespace {

using namespace training;
using Clock = std::chrono::steady_clock;

// To save the state may take this share of the time: that of a small model is saved at every step.
constexpr double kSavingShare = 0.05;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// `new_first_layer`: it was made for other bands than it has learned from, and has to learn in any case.
std::vector<std::string> learning_parts(const std::string& part, const ModelInfo& info,
                                        bool new_first_layer) {
    if (part == "all") return {""};
    std::vector<std::string> parts{"mask_decoder."};
    if (new_first_layer) parts.push_back(first_layer_weight(info));
    if (part == "decoder") return parts;
    for (const ExpectedTensor& tensor : expected_tensors(info))
        if (tensor.name.rfind("image_encoder.", 0) == 0 &&
            (tensor.shape.size() == 1 || tensor.name.find("pos") != std::string::npos ||
             tensor.name.find("attention_biases") != std::string::npos))
            parts.push_back(tensor.name);
    return parts;
}

std::vector<TrainSource> sources(const std::vector<std::string>& paths) {
    std::vector<TrainSource> result;
    for (const std::string& path : paths) result.push_back({path});
    return result;
}

// The rate rises, stays, and falls to nothing at the end: where it stays, a run can be made longer.
double rate_at(const TrainOptions& options, std::int64_t step) {
    const auto done = static_cast<double>(step), all = static_cast<double>(options.steps);
    const double rise = std::min(1.0, (done + 1) / std::max(1, options.warm_up));
    const double fall = options.cool_down > 0 ? std::min(1.0, (all - done) / (options.cool_down * all)) : 1;
    return options.rate * rise * std::max(0.0, fall);
}

// What a run begins with.
struct Beginning {
    Sam model;
    bool new_first_layer = false;
};

Beginning begin_with(const CheckpointFile* start, NewModel sizes, const TrainOptions& options,
                     const BandStatistics& bands, const std::string& device) {
    const auto count = static_cast<int>(bands.names.size());
    Beginning beginning;
    if (start) {
        beginning.model = load_weights(*start, "cpu", 0);
        beginning.new_first_layer = beginning.model.info.bands == 3 && count != 3;
        if (beginning.new_first_layer) beginning.model = inflated(std::move(beginning.model), bands);
    } else {
        sizes.bands = count;
        beginning.model = make_new_model(sizes, options.seed);
        if (count != 3) set_statistics(beginning.model.info, bands);
    }
    beginning.model = moved_to(std::move(beginning.model), device);
    return beginning;
}

Learner make_learner(const TrainOptions& options, Beginning beginning) {
    const std::vector<std::string> parts =
        learning_parts(options.part, beginning.model.info, beginning.new_first_layer);
    Learner learner = Learner::make(std::move(beginning.model), parts);
    if (!learner.encoder_learns && learner.model.device().is_cpu())
        learner.model.fast_encoder = cpu::make_image_encoder(learner.model);
    return learner;
}

// The model with its averaged weights in place of those that learn.
Learner averaged(const Learner& learner, const Optimizer& optimizer) {
    Learner result;
    std::map<std::string, at::Tensor> tensors = learner.model.tensors;
    for (std::size_t i = 0; i < learner.names.size(); ++i) tensors[learner.names[i]] = optimizer.averages[i];
    result.model = build_sam(learner.model.info, std::move(tensors));
    result.model.fast_encoder = learner.model.fast_encoder;
    return result;
}

// Products' weights, but for tables and for what has few rows: a mask token's, say.
std::vector<bool> by_muon(const Learner& learner, const std::string& optimizer) {
    std::vector<bool> result;
    for (std::size_t i = 0; i < learner.names.size(); ++i) {
        const at::Tensor& weight = learner.weights[i];
        const std::string& name = learner.names[i];
        result.push_back(optimizer == "muon" && weight.dim() == 2 && weight.size(0) >= 16 &&
                         weight.size(1) >= 16 && name.size() > 7 &&
                         name.compare(name.size() - 7, 7, ".weight") == 0);
    }
    return result;
}

class Run {
public:
    Run(const TrainOptions& options, Beginning beginning, Material material, const ParallelFor& parallel_for)
        : options_(options),
          parallel_for_(parallel_for),
          learner_(make_learner(options, std::move(beginning))),
          optimizer_(learner_.weights, options.weight_decay, options.average,
                     by_muon(learner_, options.optimizer)),
          material_(std::move(material)),
          scored_(sources(options.validation)),
          state_path_(options.state.empty() ? options.output + ".state" : options.state) {
        material_.suit(learner_.model.info);
        scored_.suit(learner_.model.info);
        if (std::filesystem::exists(state_path_)) standing_ = read_state(state_path_, learner_, optimizer_);
    }

    TrainReport go(const std::function<void(const TrainProgress&)>& tell,
                   const std::function<bool()>& keep_going) {
        RunLog log(options_.log.empty() ? options_.output + ".csv" : options_.log, optimizer_.steps());
        TrainReport report;
        report.first_step = optimizer_.steps();
        Clock::time_point since = Clock::now();
        while (optimizer_.steps() < options_.steps && !report.ended_early) {
            if (keep_going && !keep_going()) {
                report.interrupted = true;
                break;
            }
            const double rate = rate_at(options_, optimizer_.steps());
            take_step(rate);
            const std::int64_t done = optimizer_.steps();
            const bool last = done == options_.steps,
                       scores_due = last || done % options_.validate_every == 0;
            if (scores_due || done % options_.log_every == 0) {
                TrainProgress progress = sums_.taken(done, options_, rate, seconds_since(since));
                if (scores_due) report.ended_early = score(progress, report);
                log.add(progress);
                if (tell) tell(progress);
                since = Clock::now();
            }
            save_if_cheap(scores_due || report.ended_early);
        }
        save();
        if (!std::filesystem::exists(options_.output)) write();
        report.last_step = optimizer_.steps();
        return report;
    }

private:
    // Since the last report.
    struct Sums {
        double loss = 0, iou = 0;
        std::int64_t lessons = 0, with_objects = 0, steps = 0;

        void add(const ShardResult& result) {
            loss += result.loss;
            lessons += result.lessons;
            iou += result.iou;
            with_objects += result.with_objects;
        }
        TrainProgress taken(std::int64_t step, const TrainOptions& options, double rate, double seconds) {
            TrainProgress progress;
            progress.step = step;
            progress.steps = options.steps;
            progress.rate = rate;
            progress.loss = loss / static_cast<double>(std::max<std::int64_t>(1, lessons));
            progress.iou = iou / static_cast<double>(std::max<std::int64_t>(1, with_objects));
            progress.seconds_a_step = seconds / static_cast<double>(std::max<std::int64_t>(1, steps));
            *this = {};
            return progress;
        }
    };

    void take_step(double rate) {
        const auto crops = static_cast<std::size_t>(options_.crops);
        const auto step = static_cast<std::uint64_t>(optimizer_.steps());
        std::vector<ShardResult> results(learner_.model.device().is_cpu() ? crops : 1);
        if (learner_.model.device().is_cpu())
            parallel_for_(crops, [&](std::size_t i) {
                if (Batch one = draw_batch(step, i, i + 1, serial_for); !one.tasks.empty())
                    results[i] = take_lessons(learner_, one);
            });
        else if (Batch all = drawn_ahead(step); !all.tasks.empty())
            results.front() = take_lessons(learner_, all);
        optimizer_.step(summed(results), rate);
        ++sums_.steps;
    }

    // The tasks of this step from number `begin` to `end`, those that have prompts.
    Batch draw_batch(std::uint64_t step, std::size_t begin, std::size_t end,
                     const ParallelFor& parallel_for) const {
        std::vector<Task> tasks(end - begin);
        parallel_for(tasks.size(), [&](std::size_t i) {
            Task& task = tasks[i];
            std::tie(task.crop, task.lesson) = material_.draw(options_, learner_.model.info, step, begin + i);
            task.dice = Dice(options_.seed ^ 0x5eedull, step, begin + i);
            task.correct = task.lesson.has_objects() && task.dice.chance(options_.correct);
        });
        tasks.erase(std::remove_if(tasks.begin(), tasks.end(),
                                   [](const Task& task) { return task.lesson.prompts == 0; }),
                    tasks.end());
        return tasks.empty() ? Batch() : make_batch(std::move(tasks));
    }

    // All tasks of this step, drawn while the one before was taken.
    Batch drawn_ahead(std::uint64_t step) {
        const auto draw = [this](std::uint64_t of_step) {
            return draw_batch(of_step, 0, static_cast<std::size_t>(options_.crops), parallel_for_);
        };
        Batch batch = next_batch_.valid() ? next_batch_.get() : draw(step);
        next_batch_ = std::async(std::launch::async, draw, step + 1);
        return batch;
    }

    std::vector<at::Tensor> summed(const std::vector<ShardResult>& results) {
        std::vector<at::Tensor> gradients(learner_.weights.size());
        for (const ShardResult& result : results) {
            if (result.gradients.empty()) continue;
            sums_.add(result);
            for (std::size_t i = 0; i < gradients.size(); ++i) {
                if (!result.gradients[i].defined()) continue;
                const at::Tensor part = result.gradients[i] / static_cast<double>(options_.crops);
                gradients[i] = gradients[i].defined() ? gradients[i] + part : part;
            }
        }
        return gradients;
    }

    // True where patience ran out. Writes the weights if they are the best so far, or nothing tells.
    bool score(TrainProgress& progress, TrainReport& report) {
        if (scored_.empty()) {
            write();
            return false;
        }
        progress.scores = take_scores();
        if (progress.scores->one_click > standing_.best) {
            standing_.best = progress.scores->one_click;
            standing_.validations_without_gain = 0;
            report.best = progress.scores;
            write();
        } else {
            ++standing_.validations_without_gain;
        }
        return options_.patience > 0 && standing_.validations_without_gain >= options_.patience;
    }

    TrainProgress::Scores take_scores() {
        const Learner model = averaged(learner_, optimizer_);
        std::vector<Answer> answers(static_cast<std::size_t>(options_.validation_crops));
        parallel_for_(answers.size(), [&](std::size_t i) {
            auto [crop, lesson] = scored_.draw_for_scores(options_, model.model.info, i);
            if (lesson.has_objects()) answers[i] = answer_lesson(model, std::move(crop), std::move(lesson));
        });
        TrainProgress::Scores scores;
        double prompts = 0, on_objects = 0;
        for (const Answer& answer : answers) {
            if (!answer.iou.defined()) continue;
            const at::Tensor best = std::get<0>(answer.iou.max(1));
            const at::Tensor liked = answer.iou.gather(1, answer.scores.argmax(1, true)).squeeze(1);
            scores.one_click += (best * answer.on_object).sum().item<double>();
            scores.one_click_share += ((best >= 0.5) * answer.on_object).sum().item<double>();
            scores.preferred += (liked * answer.on_object).sum().item<double>();
            scores.score_error += (answer.iou - answer.scores).abs().mean(1).sum().item<double>();
            on_objects += answer.on_object.sum().item<double>();
            prompts += static_cast<double>(answer.on_object.numel());
        }
        scores.one_click /= std::max(1.0, on_objects);
        scores.one_click_share /= std::max(1.0, on_objects);
        scores.preferred /= std::max(1.0, on_objects);
        scores.score_error /= std::max(1.0, prompts);
        return scores;
    }

    void write() { write_checkpoint(options_.output, learner_, optimizer_, options_.half); }

    void save() {
        const Clock::time_point start = Clock::now();
        write_state(state_path_, learner_, optimizer_, standing_);
        saving_seconds_ = seconds_since(start);
        saved_ = Clock::now();
    }
    void save_if_cheap(bool in_any_case) {
        if (in_any_case || seconds_since(saved_) * kSavingShare >= saving_seconds_) save();
    }

    const TrainOptions& options_;
    const ParallelFor& parallel_for_;
    Learner learner_;
    Optimizer optimizer_;
    Material material_, scored_;
    std::string state_path_;
    Standing standing_;
    Sums sums_;
    Clock::time_point saved_ = Clock::now();
    double saving_seconds_ = 0;
    std::future<Batch> next_batch_;  // last: it is waited for before what it reads from goes
};

}  // namespace

void TrainOptions::validate() const {
    const auto fail = [](const std::string& option, const std::string& cause, const std::string& remedy) {
        throw Error(option, cause, remedy, ErrorKind::usage);
    };
    if (samples.empty()) fail("SAMPLES", "none are given", "name packed files, made with --pack");
    if (output.empty()) fail("OUTPUT", "is missing", "name the checkpoint to write");
    if (part != "all" && part != "decoder" && part != "adapters")
        fail("--part", "'" + part + "' is no part", "choose all, decoder or adapters");
    if (optimizer != "adamw" && optimizer != "muon")
        fail("--optimizer", "'" + optimizer + "' is not known", "choose adamw or muon");
    if (steps < 1) fail("--steps", "there must be at least one", "give a larger number");
    if (crops < 1 || crops > 4096) fail("--crops", "is out of range", "choose 1 to 4096");
    if (prompts < 1 || prompts > 1024) fail("--prompts", "is out of range", "choose 1 to 1024");
    if (!(rate > 0 && rate <= 1)) fail("--rate", "is out of range", "choose more than 0 and at most 1");
    if (warm_up < 0) fail("--warm-up", "is negative", "choose 0 or more steps");
    if (!(cool_down >= 0 && cool_down <= 1)) fail("--cool-down", "is no share", "choose 0 to 1");
    if (!(weight_decay >= 0 && weight_decay < 1)) fail("--weight-decay", "is out of range", "choose 0 to 1");
    if (!(average >= 0 && average < 1)) fail("--average", "is out of range", "choose 0 to less than 1");
    if (!(correct >= 0 && correct <= 1)) fail("--correct", "is no share", "choose 0 to 1");
    if (!(region_worth > 0 && region_worth <= 1))
        fail("--region-worth", "is out of range", "choose more than 0 and at most 1");
    if (!(smallest_scale > 0 && smallest_scale <= largest_scale && largest_scale <= 64))
        fail("--scales", "are out of range",
             "give a smallest and a largest one, both above 0 and at most 64");
    if (validation_crops < 1 || validation_crops > 100000)
        fail("--validation-crops", "is out of range", "choose 1 to 100000");
    if (validate_every < 1 || log_every < 1)
        fail("--log-every", "must be at least 1", "give a larger number");
    if (patience < 0) fail("--patience", "is negative", "choose 0 (never) or more");
}

TrainReport train(const TrainOptions& options, const CheckpointFile* start, const NewModel& new_model,
                  const std::string& device, const ParallelFor& parallel_for,
                  const std::function<void(const TrainProgress&)>& tell,
                  const std::function<bool()>& keep_going) {
    options.validate();
    Material material(options.samples);
    Beginning beginning = begin_with(start, new_model, options, material.bands(), device);
    return Run(options, std::move(beginning), std::move(material), parallel_for).go(tell, keep_going);
}

}  // namespace landseam::sam
