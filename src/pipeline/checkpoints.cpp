#include "landseam/pipeline/checkpoints.h"

#include <algorithm>
#include <cstdlib>

#include "landseam/core/error.h"
#include "landseam/mask_generation/automatic_mask_generator.h"
#include "landseam/sam/default_checkpoint.h"

#include "pipeline/fetch_checkpoint.h"
#include "pipeline/memory_size.h"
#include "pipeline/threads.h"

namespace landseam::pipeline {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

const std::vector<PublishedCheckpoint>& published_checkpoints() {
    static const std::vector<PublishedCheckpoint> list = {
        {"sam_vit_b", "ViT-B", "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth", 375, "Apache-2.0"},
        {"sam_vit_l", "ViT-L", "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_l_0b3195.pth", 1250, "Apache-2.0"},
        {"sam_vit_h", "ViT-H", "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_h_4b8939.pth", 2565, "Apache-2.0"},
        {"mobile_sam", "TinyViT", "https://github.com/ChaoningZhang/MobileSAM/raw/master/weights/mobile_sam.pt", 41,
         "Apache-2.0"},
    };
    return list;
}

void ModelOptions::validate() const {
    sam::precision_named(precision);
    check_threads(threads);
    if (!max_memory.empty()) parse_memory_size("--max-memory", max_memory);
}

int ModelOptions::threads_or_cores() const {
    return pipeline::threads_or_cores(threads);
}

std::string checkpoint_cache_folder() {
    if (const std::string own = environment("LANDSEAM_CACHE"); !own.empty()) return own;
    if (const std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty()) return xdg + "/landseam";
    if (const std::string home = environment("HOME"); !home.empty()) return home + "/.cache/landseam";
    throw Error("", "no folder is known to keep fetched checkpoints in", "set LANDSEAM_CACHE to one");
}

sam::CheckpointFile open_checkpoint(const std::string& checkpoint, Progress& progress) {
    if (checkpoint.empty()) {
        const sam::DefaultCheckpoint embedded = sam::default_checkpoint();
        return sam::CheckpointFile::from_memory(embedded.data, embedded.size, "embedded checkpoint");
    }
    std::string place = checkpoint;
    for (const PublishedCheckpoint& published : published_checkpoints())
        if (published.name == checkpoint) place = published.url;
    const bool remote = place.rfind("http://", 0) == 0 || place.rfind("https://", 0) == 0 || place.rfind("/vsi", 0) == 0;
    if (remote) place = fetch_checkpoint(place, checkpoint_cache_folder(), progress);
    return sam::CheckpointFile::open(place);
}

LoadedModel load_model(const std::string& checkpoint, const std::string& device, sam::Precision precision,
                       Progress& progress) {
    LoadedModel model;
    model.sam = sam::load_sam(open_checkpoint(checkpoint, progress), device, 0, precision);
    if (checkpoint.empty()) {
        const sam::DefaultCheckpoint embedded = sam::default_checkpoint();
        model.checkpoint = "embedded";
        model.pred_iou_thresh = embedded.pred_iou_thresh;
        model.stability_score_thresh = embedded.stability_score_thresh;
        model.points_per_side = embedded.points_per_side;
    } else {
        const mask_generation::MaskGeneratorOptions reference;
        model.checkpoint = checkpoint;
        model.pred_iou_thresh = reference.pred_iou_thresh;
        model.stability_score_thresh = reference.stability_score_thresh;
        model.points_per_side = reference.points_per_side;
    }
    return model;
}

}  // namespace landseam::pipeline
