// landseam batch plan|run|run-task|status|merge|submit: catalogs of scenes.
#include "batch_commands.h"
#include "commands.h"

#include <filesystem>

namespace landseam::apps {

std::string this_program() {
    std::error_code unknown;
    return std::filesystem::read_symlink("/proc/self/exe", unknown).string();
}

void add_batch_command(CLI::App& program, CommandLine& line) {
    CLI::App& batch =
        *program.add_subcommand("batch", "Catalogs of scenes: plan, run, merge, on one machine or a cluster");
    batch.require_subcommand(1);
    add_batch_plan(batch, line);
    add_batch_work(batch, line);
    add_batch_results(batch, line);
    batch.footer(
        "Examples:\n"
        "  landseam batch plan search.json batch/ --assets red,green,blue --max-cloud 20\n"
        "  landseam batch run batch/\n"
        "  landseam batch merge batch/ fields.gpkg\n"
        "  landseam batch submit batch/ --engine slurm");
}

}  // namespace landseam::apps
