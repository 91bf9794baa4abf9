// landseam segment SCENE OUTPUT: the whole job.
#include "landseam/pipeline/segment_scene.h"

#include <cstdio>

#include "commands.h"
#include "picture_options.h"

namespace landseam::apps {
namespace {

using pipeline::SegmentOptions;

void add_model_options(CLI::App& command, SegmentOptions& o) {
    command.add_option("--checkpoint", o.checkpoint,
                       "Weights: a .pth, .pt or .safetensors file, an address, a /vsi… path, or a name listed by "
                       "'landseam info --checkpoints' [the embedded model]")
        ->group("Model")
        ->default_str("");
    command.add_option("--device", o.device, "Where to compute: cpu, cuda or cuda:N")->group("Model");
    command.add_option("--precision", o.precision,
                       "What the image encoder computes with: fp32, or approximately and faster bf16, or on a GPU fp16")
        ->group("Model");
    command.add_option("--embeddings", o.embeddings,
                       "Folder that keeps what the encoder makes of each tile (fp16, 2 MiB a tile for published models): another "
                       "run over the same scene, with other thresholds say, takes it from there")
        ->group("Model")
        ->default_str("");
    command.add_option("--threads", o.threads, "Threads; 0: one a core. Results do not depend on it")->group("Model");
    command.add_option("--max-memory", o.max_memory,
                       "Memory to take, as 8G or 500M: limits how many tiles are worked on at once; results do not depend on it "
                       "[three quarters of what is available]")
        ->type_name("SIZE")
        ->group("Model")
        ->default_str("");
}

void add_tile_options(CLI::App& command, SegmentOptions& o) {
    command.add_option("--aoi", o.area_of_interest,
                       "Area of interest: a vector file in any CRS, or minx,miny,maxx,maxy in the scene's CRS")
        ->group("Scene")
        ->default_str("");
    command.add_option("--tile-size", o.tile_size, "Side of a tile in pixels; 0: the model's picture size")->group("Tiles");
    command.add_option("--tile-overlap", o.tile_overlap, "Overlap of neighbouring tiles in pixels; -1: a quarter of a tile")
        ->group("Tiles");
}

void add_generator_options(CLI::App& command, SegmentOptions& o) {
    const std::string group = "Mask generation (names as in the reference)";
    auto& g = o.generator;
    CLI::Option* const points =
        command.add_option("--points-per-side", g.points_per_side, "Prompts along each side of a tile")->group(group);
    command.add_option("--object-size", o.object_size,
                       "Smallest object wanted, in metres: sets --points-per-side so that prompts lie at most half of it apart")
        ->group(group)
        ->excludes(points);
    command.add_option("--points-per-batch", g.points_per_batch, "Prompts decoded together; affects speed and memory only")
        ->group(group);
    command.add_option("--pred-iou-thresh", o.pred_iou_thresh,
                       "Keep masks whose predicted IoU is above this [what suits the checkpoint; 0.88 for published ones]")
        ->group(group);
    command.add_option("--stability-score-thresh", o.stability_score_thresh,
                       "Keep masks at least this stable [what suits the checkpoint; 0.95 for published ones]")
        ->group(group);
    command.add_option("--stability-score-offset", g.stability_score_offset, "Shift of the cutoff that stability is measured with")
        ->group(group);
    command.add_option("--box-nms-thresh", g.box_nms_thresh, "Box IoU above which the worse of two masks is dropped")->group(group);
    command.add_option("--crop-n-layers", g.crop_n_layers, "Layers of ever smaller crops to segment as well")->group(group);
    command.add_option("--crop-nms-thresh", g.crop_nms_thresh, "Box NMS between crops")->group(group);
    command.add_option("--crop-overlap-ratio", g.crop_overlap_ratio, "Overlap of crops, as a share of the tile's shorter side")
        ->group(group);
    command.add_option("--crop-n-points-downscale-factor", g.crop_n_points_downscale_factor,
                       "Points a side shrink by this with each layer")
        ->group(group);
    command.add_option("--coarse-to-fine", g.approximate_coarse_to_fine,
                       "Approximate, loses masks; 0: off. Prompt every n-th point a side first (2 to 16), then only points "
                       "outside the stable masks found")
        ->group(group);
    command.add_option("--min-mask-region-area", g.min_mask_region_area, "Remove holes and islands smaller than this many pixels")
        ->group(group);
}

void add_output_options(CLI::App& command, SegmentOptions& o) {
    const std::string group = "Output";
    command.add_flag("--overwrite", o.overwrite, "Replace outputs that exist")->group(group);
    command
        .add_option("--overlap", o.overlap.policy,
                    "Masks over one another: keep them, flat (each pixel to its best mask, no overlap), or tree (parts cut to "
                    "their wholes, with parent_id and depth)")
        ->group(group);
    command.add_option("--fill-gaps", o.overlap.fill_gaps, "Close slits between objects up to this many pixels wide (with --overlap flat)")
        ->group(group);
    command.add_option("--min-area", o.overlap.min_area, "Leave smaller objects out: 40px or 25m2")->group(group)->default_str("");
    command.add_option("--max-area", o.overlap.max_area, "Leave larger objects out: 40px or 25m2")->group(group)->default_str("");
    command
        .add_option("--simplify", o.drawing.outlines.simplify,
                    "Simplify outlines by up to this many pixels, shared ones once; 0: exact pixel edges")
        ->group(group);
    command.add_option("--smooth", o.drawing.outlines.smooth, "Round corners over up to this many pixels to either side")->group(group);
    command
        .add_option_function<std::string>(
            "--regularize", [&o](const std::string&) { o.drawing.buildings = true; },
            "buildings: square up outlines, with main_angle, iou_with_mask and status of each")
        ->check(CLI::IsMember({"buildings"}))
        ->group(group)
        ->default_str("");
    command.add_option("--t-srs", o.target_crs, "CRS of the layer, as EPSG:4326; edges get vertices where they bend [the scene's]")
        ->group(group)
        ->default_str("");
    command.add_option("--label-raster", o.label_raster, "Write a GeoTIFF of segment ids as well")->group(group)->default_str("");
    command.add_option("--layer", o.layer_name, "Name of the layer")->group(group);
    command.add_option("--dsco", o.dataset_creation_options, "Dataset creation option of the output's GDAL driver, NAME=VALUE")
        ->group(group);
    command.add_option("--lco", o.layer_creation_options, "Layer creation option of the output's GDAL driver, NAME=VALUE")
        ->group(group);
}

void work(SegmentOptions& options, Progress& progress) {
    const pipeline::SegmentReport report = pipeline::segment_scene(options, progress);
    std::printf("%s: %lld segments from %lld masks on %lld tiles", options.output.c_str(),
                static_cast<long long>(report.segments), static_cast<long long>(report.masks),
                static_cast<long long>(report.tiles));
    if (report.known_embeddings > 0)
        std::printf(", %lld embeddings known", static_cast<long long>(report.known_embeddings));
    if (report.left_out > 0) std::printf(", %lld masks left out", static_cast<long long>(report.left_out));
    if (report.deviation > 0) std::printf(", outlines moved by up to %.3g pixels", report.deviation);
    if (report.empty_tiles > 0) std::printf(" (%lld without data)", static_cast<long long>(report.empty_tiles));
    std::printf("\n");
}

}  // namespace

void add_segment_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<SegmentOptions>();
    CLI::App& command = *add_command<SegmentOptions>(program, line, "segment", "Cut a scene into georeferenced polygons",
                                                     options, work);
    command.add_option("scene", options->scene, "Any raster GDAL reads: path, /vsi… path or connection string")->required();
    command
        .add_option("output", options->output,
                    "Layer to write, by extension: .gpkg, .shp, .geojson, .fgb; its settings go to OUTPUT.settings.json")
        ->required();
    add_picture_options(command, options->picture, options->open);
    add_model_options(command, *options);
    add_tile_options(command, *options);
    add_generator_options(command, *options);
    add_output_options(command, *options);
    command.footer(
        "Examples:\n"
        "  landseam segment town.tif town.gpkg\n"
        "  landseam segment S2.tif fields.gpkg --preset sentinel2:false-color --checkpoint sam_vit_b\n"
        "  landseam segment mosaic.tif roofs.shp --gsd 0.3 --aoi district.geojson --simplify 1");
}

}  // namespace landseam::apps
