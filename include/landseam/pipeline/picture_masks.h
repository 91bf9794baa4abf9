// Masks of plain pictures, as the reference's script writes them.
// Source: segment-anything, scripts/amg.py.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/mask_generation/automatic_mask_generator.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/raster/raster_source.h"

#include <cstdint>
#include <optional>
#include <string>

namespace landseam::pipeline {

struct PictureMasksOptions : ModelOptions {
    std::string input;       // a picture or raster, or a folder of them (folders in it are not looked into)
    std::string output;      // folder; made where it is missing
    bool overwrite = false;  // make again what is there already
    bool coco_rle = false;   // NAME.json of COCO's run-length encoding instead of a folder of PNGs
    mask_generation::MaskGeneratorOptions generator;
    std::optional<double> pred_iou_thresh;         // unset: what suits the checkpoint
    std::optional<double> stability_score_thresh;  // likewise
    raster::OpenOptions open;
    PictureOptions picture;

    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
};

struct PictureMasksReport {
    std::int64_t pictures = 0;  // made now
    std::int64_t known = 0;     // left alone, as their output is there
    std::int64_t unread = 0;    // files of the folder that are no picture
    std::int64_t masks = 0;
};

// Makes of each picture NAME.EXT either OUTPUT/NAME/ with metadata.csv and the masks 0.png, 1.png, … (255 on
// the object, else 0), or OUTPUT/NAME.json: a list of records that pycocotools reads. Names, columns and
// order are the reference's. A picture is taken as a whole, whatever its size; 8-bit pictures are taken as
// they are, others are stretched as a scene is. What is masked by nodata or alpha gets no mask, unlike in the
// reference, which knows neither.
//
// Each picture's output appears whole or not at all, so that a run that was cut off goes on where it was.
// Files of a folder that cannot be read as a picture are warned of and left out. Throws Error: nothing to
// read, a folder that cannot be written to, two pictures of one name.
PictureMasksReport picture_masks(const PictureMasksOptions& options, Progress& progress);

}  // namespace landseam::pipeline
