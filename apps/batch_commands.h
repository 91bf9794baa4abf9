// The subcommands of `landseam batch`.
#pragma once

#include "command_line.h"

#include <string>

namespace landseam::apps {

void add_batch_plan(CLI::App& batch, CommandLine& line);
// run, run-task and status
void add_batch_work(CLI::App& batch, CommandLine& line);
// merge and submit
void add_batch_results(CLI::App& batch, CommandLine& line);

// The path of the program that is running, for processes and jobs that shall run it, too.
std::string this_program();

}  // namespace landseam::apps
