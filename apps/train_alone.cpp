// landseam train SAMPLES... OUTPUT where nothing else is built: samples come packed from another machine.
#include "commands.h"
#include "train_options.h"

namespace landseam::apps {

void add_train_command(CLI::App& program, CommandLine& line) {
    const auto state = std::make_shared<TrainCommand>();
    CLI::App& command = *add_command<TrainCommand>(program, line, "train", "Train or fine-tune a checkpoint", state, train_or_mean);
    add_train_options(command, *state)->required();
    command.footer(
        "Samples are packed by the whole landseam, with 'landseam train --pack'.\n"
        "Example: landseam train drawn=0.5 real=2 new.pth --dim 128 --depth 6 --device cuda --crops 64 --steps 10000");
}

}  // namespace landseam::apps
