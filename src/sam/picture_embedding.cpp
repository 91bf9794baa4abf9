#include "landseam/sam/picture_embedding.h"

#include "landseam/sam/predictor.h"

#include <algorithm>
#include <cmath>

#include <ATen/core/Tensor.h>

namespace landseam::sam {

PictureEmbedding embed_picture(const std::shared_ptr<const Sam>& model, const ImageU8& rgb,
                               EmbeddingCache* cache, const ParallelFor& parallel_for) {
    SamPredictor predictor(model);
    const auto encode = [&] { predictor.set_image(rgb, parallel_for); };
    if (cache)
        cache->set_image(predictor, rgb, encode);
    else
        encode();
    const ModelInfo& info = model_info(*model);
    const PictureSize input = predictor.input_size();
    const double scale =
        static_cast<double>(std::max(input.width, input.height)) / std::max(rgb.width, rgb.height);
    const double patch = static_cast<double>(info.image_size) / info.grid;
    const auto reached = [&](int length) {
        return std::clamp(static_cast<int>(std::ceil(length / patch)), 1, info.grid);
    };
    PictureEmbedding embedding;
    embedding.cells = ImageF(reached(input.width), reached(input.height), info.transformer_dim);
    embedding.cell_size = patch / scale;
    const at::Tensor values = predictor.image_embedding().to(at::kCPU).contiguous();  // [1, C, g, g]
    const float* const source = values.data_ptr<float>();
    for (int c = 0; c < info.transformer_dim; ++c)
        for (int y = 0; y < embedding.cells.height; ++y)
            for (int x = 0; x < embedding.cells.width; ++x)
                embedding.cells.at(x, y, c) =
                    source[(static_cast<std::size_t>(c) * info.grid + y) * info.grid + x];
    return embedding;
}

}  // namespace landseam::sam
