#include "landseam/sam/modules.h"

#include "sam/ops.h"

namespace landseam::sam {

namespace {
constexpr double kTwoPi = 6.283185307179586;
}

at::Tensor PromptEncoder::positions(const at::Tensor& unit_coords) const {
    const at::Tensor angles = at::matmul(2 * unit_coords.to(at::kFloat) - 1, gaussian) * kTwoPi;
    return at::cat({at::sin(angles), at::cos(angles)}, -1);
}

at::Tensor PromptEncoder::sparse(const at::Tensor& points, const at::Tensor& labels,
                                 const at::Tensor& boxes) const {
    std::vector<at::Tensor> rows;
    if (points.defined()) {
        const at::Tensor label = labels.unsqueeze(-1);
        const at::Tensor embedded = positions((points + 0.5) / image_size) +
                                    at::where(label == 1, point_embeddings[1], point_embeddings[0]);
        rows.push_back(at::where(label == -1, not_a_point_embed, embedded));
        if (!boxes.defined()) rows.push_back(not_a_point_embed.expand({points.size(0), 1, -1}));
    }
    if (boxes.defined()) {
        const at::Tensor corners = (boxes.reshape({-1, 2, 2}) + 0.5) / image_size;
        rows.push_back(positions(corners) + at::cat({point_embeddings[2], point_embeddings[3]}));
    }
    if (rows.empty()) return at::empty({1, 0, no_mask_embed.size(1)}, no_mask_embed.options());
    return at::cat(rows, 1);
}

at::Tensor PromptEncoder::dense(const at::Tensor& masks) const {
    const at::Tensor half = gelu_activation(mask_norm1(convolve(masks, mask_conv1, mask_bias1, 2)));
    const at::Tensor quarter = gelu_activation(mask_norm2(convolve(half, mask_conv2, mask_bias2, 2)));
    return convolve(quarter, mask_conv3, mask_bias3);
}

at::Tensor PromptEncoder::dense_without_mask() const {
    return no_mask_embed.view({1, -1, 1, 1});
}

at::Tensor PromptEncoder::image_positions() const {
    const at::Tensor along = (at::arange(grid, gaussian.options()) + 0.5) / grid;
    const at::Tensor x = along.view({1, grid}).expand({grid, grid}),
                     y = along.view({grid, 1}).expand({grid, grid});
    return channels_first(positions(at::stack({x, y}, -1)).unsqueeze(0));
}

}  // namespace landseam::sam
