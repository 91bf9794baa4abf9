// What the image encoder makes of a picture, as plain values. No libtorch in this header.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/parallel.h"
#include "landseam/sam/embedding_cache.h"
#include "landseam/sam/model.h"

#include <memory>

namespace landseam::sam {

struct PictureEmbedding {
    ImageF cells;  // one of transformer_dim channels for each cell that the picture reaches
    double cell_size =
        1;  // side of a cell in the picture's pixels; cell (0, 0) begins at its upper left corner
};

// `rgb` has as many channels as the model has bands. With `cache` it is encoded only where it is not known,
// and values are rounded to fp16 whether it is or not. Safe to call from several threads. Throws Error as
// SamPredictor::set_image.
PictureEmbedding embed_picture(const std::shared_ptr<const Sam>& model, const ImageU8& rgb,
                               EmbeddingCache* cache = nullptr, const ParallelFor& parallel_for = serial_for);

}  // namespace landseam::sam
