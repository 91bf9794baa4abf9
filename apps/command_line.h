// What the subcommands share: parse first, then work; only main knows exit codes.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "landseam/core/progress.h"

namespace landseam::apps {

struct CommandLine {
    bool quiet = false;
    // Set by the subcommand that was called, once its arguments are parsed.
    std::function<void(Progress&)> work;
};

// Adds a subcommand with the options every one of them has. `options` lives as long as the subcommand; `work` gets it.
template <typename Options>
CLI::App* add_command(CLI::App& program, CommandLine& line, const std::string& name, const std::string& help,
                      const std::shared_ptr<Options>& options,
                      const std::function<void(Options&, Progress&)>& work) {
    CLI::App* command = program.add_subcommand(name, help);
    command->add_flag("-q,--quiet", line.quiet, "Show no progress, only warnings and errors");
    command->callback([&line, options, work] { line.work = [options, work](Progress& p) { work(*options, p); }; });
    return command;
}

// --threads and --max-memory of a command that works on tiles.
template <typename Options>
void add_resource_options(CLI::App& command, Options& options, const std::string& group) {
    command.add_option("--threads", options.threads, "Threads; 0: one a core. Results do not depend on it")->group(group);
    command
        .add_option("--max-memory", options.max_memory,
                    "Memory to take, as 8G or 500M: limits how many tiles are worked on at once; results do not depend on it "
                    "[three quarters of what is available]")
        ->type_name("SIZE")
        ->group(group)
        ->default_str("");
}

// Options of a layer that is written: its name, and what GDAL's driver is told.
template <typename Options>
void add_layer_options(CLI::App& command, Options& options, const std::string& group = "Options") {
    command.add_option("--layer", options.layer_name, "Name of the layer")->group(group);
    command
        .add_option("--dsco", options.dataset_creation_options, "Dataset creation option of the output's GDAL driver, NAME=VALUE")
        ->group(group);
    command
        .add_option("--lco", options.layer_creation_options, "Layer creation option of the output's GDAL driver, NAME=VALUE")
        ->group(group);
}

}  // namespace landseam::apps
