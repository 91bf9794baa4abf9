#include "train_options.h"

#include <cstdio>
#include <cstdlib>

#include "landseam/core/error.h"

namespace landseam::apps {
namespace {

sam::TrainSource parse_source(const std::string& text) {
    const std::size_t mark = text.rfind('=');
    if (mark == std::string::npos) return {text, 1};
    char* end = nullptr;
    const double weight = std::strtod(text.c_str() + mark + 1, &end);
    if (*end != '\0' || !(weight > 0))
        throw Error(text, "ends in no weight", "write PATH=WEIGHT with a weight above 0", ErrorKind::usage);
    return {text.substr(0, mark), weight};
}

void add_recipe_options(CLI::App& command, sam::TrainOptions& o) {
    const std::string group = "Recipe";
    command.add_option("--part", o.part,
                       "What learns: all, decoder (fast, for some hundred objects), or adapters (the decoder, and norms, biases and "
                       "positions of the encoder)")
        ->group(group);
    command.add_option("--optimizer", o.optimizer, "adamw, or muon, which learns more a step (Muon for linear layers, AdamW for the rest)")
        ->group(group);
    command.add_option("--steps", o.steps, "Steps in all; a finished run can be gone on with by giving more")->group(group);
    command.add_option("--crops", o.crops, "Crops a step; a GPU takes them all at once and wants some 64")->group(group);
    command.add_option("--prompts", o.prompts, "Prompts a crop")->group(group);
    command.add_option("--rate", o.rate, "Highest learning rate; some 1e-3 for a new small model, 1e-4 for fine-tuning")->group(group);
    command.add_option("--warm-up", o.warm_up, "Steps in which the rate rises")->group(group);
    command.add_option("--cool-down", o.cool_down, "Share of the steps, the last ones, in which it falls to 0")->group(group);
    command.add_option("--weight-decay", o.weight_decay, "AdamW's")->group(group);
    command.add_option("--average", o.average, "What the averaged weights keep of themselves at each step")->group(group);
    command.add_option("--correct", o.correct, "Share of lessons in which masks are corrected with a further point")->group(group);
    command.add_option("--region-worth", o.region_worth,
                       "Predicted IoU that a perfect mask of a region found without labels is to have; one of a labelled object has 1")
        ->group(group);
    command.add_option("--scales", [&o](const std::vector<std::string>& values) {
               return CLI::detail::lexical_cast(values[0], o.smallest_scale) && CLI::detail::lexical_cast(values[1], o.largest_scale);
           }, "Smallest and largest number of sample pixels a pixel of the model's picture")
        ->expected(2)->delimiter(',')->type_name("LO,HI")->default_str("0.5,2")->group(group);
    command.add_flag("!--no-recolour", o.recolour, "Leave the colours of crops as they are")->group(group);
    command.add_option("--seed", o.seed, "Of everything drawn at random: the same seed gives the same run")->group(group);
}

void add_run_options(CLI::App& command, TrainCommand& c) {
    const std::string group = "Run";
    sam::TrainOptions& o = c.options.training;
    command.add_option("--validation", o.validation, "Packed samples that are only scored; the weights that score best are kept")
        ->group(group)->default_str("");
    command.add_option("--validation-crops", o.validation_crops, "Crops that scores are taken on")->group(group);
    command.add_option("--validate-every", o.validate_every, "Steps")->group(group);
    command.add_option("--patience", o.patience, "End after so many validations without gain; 0: never")->group(group);
    command.add_option("--log-every", o.log_every, "Steps")->group(group);
    command.add_option("--log", o.log, "CSV with losses and scores [OUTPUT.csv]")->group(group)->default_str("");
    command.add_option("--state", o.state, "File from which an interrupted run goes on [OUTPUT.state]")->group(group)->default_str("");
    command.add_flag("--half", o.half, "Write fp16: half the size")->group(group);
    command.add_option("--device", c.options.device, "Where to compute: cpu, cuda or cuda:N")->group(group);
    command.add_option("--threads", c.options.threads, "Threads; 0: one a core. Results do not depend on it")->group(group);
    command.add_flag("--overwrite", c.options.overwrite, "Begin anew where an earlier run left its files; without it that run goes on. Replaces packed samples, too")
        ->group(group);
}

void add_model_options(CLI::App& command, TrainCommand& c) {
    const std::string group = "Model";
    sam::NewModel& m = c.options.new_model;
    CLI::Option* const start = command.add_option("--start", c.options.start,
                       "Checkpoint to begin with, as segment's --checkpoint takes it, or 'embedded'; one of three bands is made one of as many as "
                       "the samples have [a new model of the sizes below]")
        ->group(group)->default_str("");
    const auto size = [&](const std::string& name, int& value, const std::string& help) {
        command.add_option(name, value, help)->group(group)->excludes(start);
    };
    size("--image-size", m.image_size, "Side of the model's picture, pixels");
    size("--patch-size", m.patch_size, "Pixels a token; the masks are four times as fine");
    size("--dim", m.dim, "Channels of the encoder");
    size("--depth", m.depth, "Blocks of the encoder");
    size("--heads", m.heads, "Attention heads");
    size("--window", m.window, "Side of the attention windows, tokens");
    size("--decoder-dim", m.transformer_dim, "Channels of image embedding and decoder");
    size("--decoder-mlp-dim", m.decoder_mlp_dim, "Hidden width of the decoder's MLP");
}

}  // namespace

CLI::Option* add_train_options(CLI::App& command, TrainCommand& train) {
    CLI::Option* const files = command.add_option("files", train.files,
                       "SAMPLES... OUTPUT: packed samples or folders of them, each with a weight on request (PATH=WEIGHT); last the "
                       "checkpoint to write, .pth or .safetensors. Goes on where an earlier run with this output ended")
        ->expected(2, 1 << 20)->type_name("PATH");
    add_model_options(command, train);
    add_recipe_options(command, train.options.training);
    add_run_options(command, train);
    command.add_flag("--mean", train.mean,
                     "Instead of training, write the mean of the weights of checkpoints that were trained from one start, often better "
                     "than each of them: the files are CHECKPOINTS... OUTPUT")
        ->group("Mean of checkpoints");
    return files;
}

void train_or_mean(TrainCommand& command, Progress& progress) {
    command.options.training.output = command.files.back();
    command.files.pop_back();
    if (command.mean) {
        pipeline::mean_checkpoint(command.files, command.options, progress);
        std::printf("%s: the mean of %zu checkpoints\n", command.options.training.output.c_str(), command.files.size());
        return;
    }
    for (const std::string& text : command.files) command.options.training.samples.push_back(parse_source(text));
    const sam::TrainReport report = pipeline::train_model(command.options, progress);
    std::printf("%s: %s after step %lld", command.options.training.output.c_str(),
                report.interrupted ? "interrupted" : report.ended_early ? "no more gain" : "done",
                static_cast<long long>(report.last_step));
    if (report.best) std::printf(", 1-click IoU %.4f", report.best->one_click);
    std::printf("\n");
}

}  // namespace landseam::apps
