// Trains a Segment Anything model, a new one or one that exists, on packed samples. No libtorch in this
// header, and no GDAL behind it: it runs wherever libtorch does.
//
// The recipe is SAM's (Kirillov et al. 2023, appendix A): prompts are simulated, the best of three masks is
// learned from, focal and dice loss 20 to 1, the predicted IoU learns the real one, and masks are corrected
// with further points. Optimizer: AdamW (Loshchilov, Hutter 2019), on request with Muon (Jordan et al. 2024)
// for matrices; an exponential average of the weights beside it.
//
// Everything drawn at random depends on the seed and the number of the step alone, and gradients are added up
// in a fixed order: a run that was interrupted goes on as if it had not been, and on a CPU the result does
// not depend on the number of threads.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/sam/model.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace landseam::sam {

// The sizes of a new model: a ViT, as everything else follows from them.
struct NewModel {
    int image_size = 192;  // side of the model's picture, pixels
    int patch_size = 8;    // pixels a token
    int dim = 128;         // channels of the encoder
    int depth = 6;         // its blocks; every third sees the whole picture
    int heads = 4;
    int window = 8;            // side of the others' windows, tokens
    int transformer_dim = 64;  // channels of embedding and decoder
    int decoder_mlp_dim = 256;
    int bands = 3;  // train() takes as many as the samples have

    // Throws Error (usage) where sizes do not go together.
    void validate() const;
};

struct TrainSource {
    std::string path;  // of a packed file, see samples.h
    double weight =
        1;  // how much more often than another of the same size it is drawn from; size counts by its root
};

struct TrainOptions {
    std::vector<TrainSource> samples;
    std::vector<std::string> validation;  // packed files that are only scored; empty: no scores
    std::string output;  // .pth or .safetensors: the averaged weights, replaced as they improve
    std::string
        state;  // where to keep what is needed to go on; empty: OUTPUT.state. Is gone on with where it exists
    std::string log;  // CSV; empty: OUTPUT.csv

    // What learns: "all", "decoder" (mask decoder only), "adapters" (the decoder, and the norms, biases and
    // positions of the encoder).
    std::string part = "all";

    // "adamw", or "muon": Muon for the matrices of linear layers and AdamW for the rest.
    std::string optimizer = "adamw";
    std::int64_t steps = 20000;
    int crops = 8;            // a step
    int prompts = 16;         // a crop
    double rate = 1e-3;       // highest learning rate
    int warm_up = 300;        // steps in which it rises to that
    double cool_down = 0.25;  // share of the steps, at the end, in which it falls to 0
    double weight_decay = 0.03;
    double average = 0.999;  // what the averaged weights keep of themselves at each step
    double correct = 0.25;   // share of lessons whose masks are corrected
    double region_worth =
        0.7;  // the right predicted IoU of a perfect mask of a region that was found without labels
    double smallest_scale = 0.5, largest_scale = 2;  // sample pixels a crop's pixel
    bool recolour = true;
    std::uint64_t seed = 1;

    int validation_crops = 64;  // that scores are taken on, always the same ones
    int validate_every = 1000;  // steps
    int patience = 0;           // end when so many validations in a row brought nothing better; 0: never
    int log_every = 50;         // steps
    bool half = false;          // write fp16

    // Throws Error (usage).
    void validate() const;
};

// What is told while it runs. Scores are of the averaged weights on the validation samples.
struct TrainProgress {
    std::int64_t step = 0, steps = 0;
    double rate = 0;
    double loss = 0, iou = 0;  // means over the steps since the last report
    double seconds_a_step = 0;
    struct Scores {
        double one_click = 0;        // mean IoU of the best of three masks for one point inside an object
        double one_click_share = 0;  // share of these that reach 0.5
        double preferred = 0;        // mean IoU of the mask that the model itself scores highest
        double score_error = 0;      // mean distance of predicted and real IoU
    };
    std::optional<Scores> scores;
};

struct TrainReport {
    std::int64_t first_step = 0, last_step = 0;  // of this call
    bool ended_early = false;                    // patience ran out
    bool interrupted = false;                    // `keep_going` said no
    std::optional<TrainProgress::Scores> best;
};

// Trains `start`, or a new model where there is none, and writes the weights. A model is of as many bands as
// the samples: where these are not three, a new one normalises by their mean and deviation, and the first
// layer of one of three bands is made for them, red, green and blue being the bands of these names, and
// learns whatever `part` says. `keep_going` is asked before each step. Throws Error where a file cannot be
// read or written or does not fit the model.
TrainReport train(const TrainOptions& options, const CheckpointFile* start, const NewModel& new_model,
                  const std::string& device, const ParallelFor& parallel_for,
                  const std::function<void(const TrainProgress&)>& tell,
                  const std::function<bool()>& keep_going);

// Writes the mean of the weights of checkpoints that were trained from one start: a uniform model soup
// (Wortsman et al. 2022, "Model soups"), often better than each of them. `half`: in fp16. Throws Error of
// kind usage where there are fewer than two, and Error where one is of another architecture or other bands
// than the first, or where `output` cannot be written.
void write_mean(const std::vector<CheckpointFile>& checkpoints, const std::string& output, bool half);

}  // namespace landseam::sam
