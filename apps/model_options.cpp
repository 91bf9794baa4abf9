#include "model_options.h"

#include "command_line.h"

namespace landseam::apps {

void add_model_options(CLI::App& command, pipeline::ModelOptions& model) {
    command
        .add_option(
            "--checkpoint", model.checkpoint,
            "Weights: a .pth, .pt or .safetensors file, an address, a /vsi… path, or a name listed by "
            "'landseam info --checkpoints' [the embedded model]")
        ->group("Model")
        ->default_str("");
    command.add_option("--device", model.device, "Where to compute: cpu, cuda or cuda:N")->group("Model");
    command
        .add_option(
            "--precision", model.precision,
            "What the image encoder computes with: fp32, or approximately and faster bf16, or on a GPU fp16")
        ->group("Model");
    command
        .add_option("--embeddings", model.embeddings,
                    "Folder that keeps what the encoder makes of each tile (fp16, 2 MiB a tile for published "
                    "models): another "
                    "run over the same scene, with other thresholds say, takes it from there")
        ->group("Model")
        ->default_str("");
    add_resource_options(command, model, "Model");
}

}  // namespace landseam::apps
