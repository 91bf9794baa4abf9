#include "measure_options.h"

#include "model_options.h"
#include "picture_options.h"

namespace landseam::apps {

void add_measured_inputs(CLI::App& command, pipeline::MeasureOptions& options) {
    command
        .add_option("scene", options.scene, "Any raster GDAL reads: path, /vsi… path or connection string")
        ->required();
    command
        .add_option("segments", options.layer,
                    "Layer of polygons in any format and CRS; of one by 'landseam segment' pixel size, "
                    "channels, stretch and "
                    "tiles are those of its settings file, where that still lies beside it")
        ->required();
}

void add_measure_options(CLI::App& command, pipeline::MeasureOptions& options) {
    command
        .add_flag("--embedding,!--no-embedding", options.embedding,
                  "Whether what the image encoder makes of the scene counts, too [for classify and features: "
                  "yes]; give --embeddings the folder of the "
                  "segmenting run, and nothing is encoded again")
        ->group("Features")
        ->default_str("");
    command
        .add_option("--fields", options.fields,
                    "Numeric fields of the layer that are features, with commas between [predicted_iou, "
                    "stability_score, where it has them]")
        ->delimiter(',')
        ->group("Features")
        ->default_str("");
    add_picture_options(command, options.picture, options.open);
    add_model_options(command, options);
}

}  // namespace landseam::apps
