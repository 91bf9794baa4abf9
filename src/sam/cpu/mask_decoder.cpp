#include "sam/cpu/mask_decoder.h"

#include "sam/cpu/kernels.h"
#include "sam/cpu/matmul.h"

#include <algorithm>
#include <cstddef>

namespace landseam::sam::cpu {

namespace {

constexpr float kLowest = -3.4e38F;

std::vector<float> copy_values(const at::Tensor& tensor) {
    const at::Tensor dense = tensor.contiguous();
    return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

}  // namespace

// All that a group of prompts is at work with. Rows are tokens: prompts × tokens.
struct MaskDecoder::Work {
    int prompts = 0, tokens_of_prompt = 0, rows = 0, heads = 0;
    std::vector<float> queries;  // [rows × C], the tokens as they came, which serve as their positions
    std::vector<float> tokens;   // [rows × C]
    Buffer pixels;               // [prompts][blocks][C][R]

    // Pixels ask tokens.
    std::vector<float> keys, key_bias;
    Buffer key_images, value_images;
    // Tokens ask pixels: the softmax so far, and what it weighs.
    Buffer query_images, gathered;  // [rows][H][C]
    std::vector<float> largest, total, shrink;

    Buffer scores;          // [rows][H][R]
    Buffer gained, placed;  // [C][R]

    int images_of_prompt() const { return tokens_of_prompt * heads; }
    std::vector<float> placed_tokens() const {
        std::vector<float> sum = tokens;
        add_to(sum, queries);
        return sum;
    }
    void start_softmax() {
        largest.assign(static_cast<std::size_t>(rows) * heads, kLowest);
        total.assign(largest.size(), 0.0F);
        shrink.assign(largest.size(), 0.0F);
    }
};

MaskDecoder::MaskDecoder(const Sam& model)
    : blocks_{model.info.grid, model.info.transformer_dim},
      heads_(model.mask_decoder.final_attn_token_to_image.heads),
      layers_(model.mask_decoder.layers.begin(), model.mask_decoder.layers.end()),
      final_(model.mask_decoder.final_attn_token_to_image),
      final_norm_(model.mask_decoder.norm_final_attn),
      output_tokens_(copy_values(model.mask_decoder.iou_token)),
      masks_(static_cast<int>(model.mask_decoder.mask_tokens.size(0))),
      iou_head_(model.mask_decoder.iou_prediction_head),
      hypernetworks_(model.mask_decoder.output_hypernetworks_mlps.begin(),
                     model.mask_decoder.output_hypernetworks_mlps.end()),
      upscaler_(model.mask_decoder, blocks_),
      positions_(buffers_.take(blocks_.values())) {
    const std::vector<float> mask_tokens = copy_values(model.mask_decoder.mask_tokens);
    output_tokens_.insert(output_tokens_.end(), mask_tokens.begin(), mask_tokens.end());
    const at::Tensor planes = model.image_positions.contiguous();
    for (int block = 0; block < blocks_.count(); ++block)
        blocks_.cut_block(planes.data_ptr<float>(), nullptr, block,
                          positions_.get() + block * blocks_.block_values());
}

DecoderPicture MaskDecoder::prepare(const float* embedding, const float* dense,
                                    const ParallelFor& parallel_for) const {
    const CrossAttention &asked = layers_.front().token_to_image, &asking = layers_.front().image_to_token;
    const int wide = blocks_.block_pixels();
    const std::size_t projection = static_cast<std::size_t>(asked.width()) * wide;
    DecoderPicture picture{buffers_.take(blocks_.values()), buffers_.take(3 * projection * blocks_.count())};
    parallel_for(static_cast<std::size_t>(blocks_.count()), [&](std::size_t block) {
        float* const pixels = picture.pixels.get() + block * blocks_.block_values();
        float* const out = picture.projections.get() + block * 3 * projection;
        blocks_.cut_block(embedding, dense, static_cast<int>(block), pixels);
        const Buffer placed = buffers_.take(blocks_.block_values());
        kernels().decoder.add(pixels, positions_.get() + block * blocks_.block_values(),
                              static_cast<int>(blocks_.block_values()), placed.get());
        asking.project_queries(placed.get(), wide, out);
        asked.project_keys(placed.get(), wide, out + projection);
        asked.project_values(pixels, wide, out + 2 * projection);
    });
    return picture;
}

// The first layer's tokens to picture, whose keys and values all prompts share: to work.tokens.
void MaskDecoder::gather_first(const DecoderPicture& picture, Work& work) const {
    const CrossAttention& attention = layers_.front().token_to_image;
    const int wide = blocks_.block_pixels(), width = attention.width(), head = attention.head();
    const std::vector<float> queries = attention.queries(work.placed_tokens(), work.rows);
    const MatMul& score = matmul({work.rows, wide, head, width, wide, wide});
    MatMulShape weigh_shape{work.rows, head, wide, wide, wide, head};
    weigh_shape.b_transposed = weigh_shape.accumulate = true;
    const MatMul& weigh = matmul(weigh_shape);
    const DecoderKernels& kernel = kernels().decoder;
    std::vector<float> sums(static_cast<std::size_t>(work.rows) * width);  // [H][rows][head]
    work.start_softmax();
    for (int block = 0; block < blocks_.count(); ++block) {
        const float* const keys = picture.projections.get() + (std::size_t{3} * block + 1) * width * wide;
        const float* const values = keys + static_cast<std::size_t>(width) * wide;
        for (int h = 0; h < heads_; ++h) {
            const std::size_t first = static_cast<std::size_t>(h) * head * wide;
            const std::size_t row = static_cast<std::size_t>(h) * work.rows;
            score(&queries[static_cast<std::size_t>(h) * head], keys + first, work.scores.get());
            kernel.softmax_block(work.scores.get(), work.rows, wide, blocks_.valid_pixels(block),
                                 &work.largest[row], &work.total[row], &work.shrink[row]);
            kernel.scale_rows(&sums[row * head], work.rows, head, &work.shrink[row]);
            weigh(work.scores.get(), values + first, &sums[row * head]);
        }
    }
    std::vector<float> mixed(sums.size());  // [rows × D]
    for (int h = 0; h < heads_; ++h)
        for (int row = 0; row < work.rows; ++row)
            for (int d = 0; d < head; ++d) {
                const std::size_t from = static_cast<std::size_t>(h) * work.rows + row;
                mixed[static_cast<std::size_t>(row) * width + h * head + d] =
                    sums[from * head + d] / work.total[from];
            }
    add_to(work.tokens, attention.gain_of_values(std::move(mixed), work.rows));
}

// What the pixels of a block gain from the tokens, and the norm after it: from `before` to the prompt's
// pixels, and with positions to work.placed. The scores are there, but for `score_bias`.
void MaskDecoder::update_block(const TwoWayLayer& layer, int block, const float* before, float* scores,
                               const float* score_bias, int prompt, Work& work) const {
    const DecoderKernels& kernel = kernels().decoder;
    const int wide = blocks_.block_pixels(), channels = blocks_.channels, images = work.images_of_prompt();
    kernel.softmax_over_tokens(scores, work.tokens_of_prompt, heads_, wide, score_bias);
    matmul({channels, wide, images, images, wide, wide})(
        work.value_images.get() + static_cast<std::size_t>(prompt) * images * channels, scores,
        work.gained.get());
    kernel.residual_norm(
        before, work.gained.get(), layer.image_to_token.out_bias(), layer.norm4.weight(), layer.norm4.shift(),
        layer.norm4.eps(), positions_.get() + block * blocks_.block_values(), channels, wide,
        work.pixels.get() + prompt * blocks_.values() + block * blocks_.block_values(), work.placed.get());
}

// Adds a block, which work.placed holds with its positions, to what a prompt's tokens gather.
void MaskDecoder::gather_block(int block, int prompt, Work& work) const {
    const DecoderKernels& kernel = kernels().decoder;
    const int wide = blocks_.block_pixels(), channels = blocks_.channels, images = work.images_of_prompt();
    const std::size_t row = static_cast<std::size_t>(prompt) * images;
    float* const scores = work.scores.get() + row * wide;
    float* const gathered = work.gathered.get() + row * channels;
    matmul({images, wide, channels, channels, wide, wide})(work.query_images.get() + row * channels,
                                                           work.placed.get(), scores);
    kernel.softmax_block(scores, images, wide, blocks_.valid_pixels(block), &work.largest[row],
                         &work.total[row], &work.shrink[row]);
    kernel.scale_rows(gathered, images, channels, &work.shrink[row]);
    MatMulShape weigh{images, channels, wide, wide, wide, channels};
    weigh.b_transposed = weigh.accumulate = true;
    matmul(weigh)(scores, work.pixels.get() + prompt * blocks_.values() + block * blocks_.block_values(),
                  gathered);
}

// Takes the pixels through the layer's image to token attention and, while each block is at hand, gathers it
// for the token to image attention that comes next.
void MaskDecoder::sweep(std::size_t number, const DecoderPicture& picture, Work& work) const {
    const TwoWayLayer& layer = layers_[number];
    const CrossAttention& asking = layer.image_to_token;
    const DecoderKernels& kernel = kernels().decoder;
    const int wide = blocks_.block_pixels(), channels = blocks_.channels, images = work.images_of_prompt();
    const int width = asking.width(), head = asking.head();
    work.start_softmax();
    std::fill_n(work.gathered.get(), static_cast<std::size_t>(work.rows) * heads_ * channels, 0.0F);
    for (int block = 0; block < blocks_.count(); ++block) {
        const float* const positions = positions_.get() + block * blocks_.block_values();
        const float* const shared = picture.pixels.get() + block * blocks_.block_values();
        if (number == 0) {  // all prompts see the same picture
            const float* const queries = picture.projections.get() + std::size_t{3} * block * width * wide;
            const MatMul& score = matmul({work.rows, wide, head, width, wide, heads_ * wide});
            for (int h = 0; h < heads_; ++h)
                score(&work.keys[static_cast<std::size_t>(h) * head],
                      queries + static_cast<std::size_t>(h) * head * wide,
                      work.scores.get() + static_cast<std::size_t>(h) * wide);
        }
        for (int prompt = 0; prompt < work.prompts; ++prompt) {
            const std::size_t row = static_cast<std::size_t>(prompt) * images;
            float* const scores = work.scores.get() + row * wide;
            const float* before = shared;
            if (number > 0) {
                before = work.pixels.get() + prompt * blocks_.values() + block * blocks_.block_values();
                kernel.add(before, positions, static_cast<int>(blocks_.block_values()), work.placed.get());
                matmul({images, wide, channels, channels, wide, wide})(work.key_images.get() + row * channels,
                                                                       work.placed.get(), scores);
            }
            update_block(layer, block, before, scores, &work.key_bias[row], prompt, work);
            gather_block(block, prompt, work);
        }
    }
    for (std::size_t row = 0; row < work.total.size(); ++row) work.shrink[row] = 1 / work.total[row];
    kernel.scale_rows(work.gathered.get(), work.rows * heads_, channels, work.shrink.data());
}

MaskDecoder::Work MaskDecoder::start(const float* sparse, int prompts, int points) const {
    const int channels = blocks_.channels, output_tokens = static_cast<int>(output_tokens_.size()) / channels;
    Work work;
    work.prompts = prompts;
    work.heads = heads_;
    work.tokens_of_prompt = output_tokens + points;
    work.rows = prompts * work.tokens_of_prompt;
    for (int prompt = 0; prompt < prompts; ++prompt) {
        const float* const own = sparse + static_cast<std::size_t>(prompt) * points * channels;
        work.queries.insert(work.queries.end(), output_tokens_.begin(), output_tokens_.end());
        work.queries.insert(work.queries.end(), own, own + static_cast<std::size_t>(points) * channels);
    }
    work.tokens = work.queries;
    const std::size_t images = static_cast<std::size_t>(work.rows) * heads_;
    work.pixels = buffers_.take(prompts * blocks_.values());
    for (Buffer* buffer : {&work.key_images, &work.value_images, &work.query_images, &work.gathered})
        *buffer = buffers_.take(images * channels);
    work.scores = buffers_.take(images * blocks_.block_pixels());
    work.gained = buffers_.take(blocks_.block_values());
    work.placed = buffers_.take(blocks_.block_values());
    return work;
}

void MaskDecoder::attend_among_tokens(const TwoWayLayer& layer, Work& work) const {
    const std::vector<float> asking = layer.first ? work.tokens : work.placed_tokens();
    std::vector<float> attended = layer.self_attention(asking, work.tokens, work.rows, work.tokens_of_prompt);
    if (!layer.first) add_to(attended, work.tokens);
    work.tokens = std::move(attended);
    layer.norm1(work.tokens);
}

// Tokens after they have seen the picture; and what pixels will be asking them.
void MaskDecoder::finish_tokens(const TwoWayLayer& layer, Work& work) const {
    layer.norm2(work.tokens);
    add_to(work.tokens, layer.mlp(work.tokens, work.rows));
    layer.norm3(work.tokens);
    work.keys = layer.image_to_token.keys(work.placed_tokens(), work.rows);
    work.key_bias = layer.image_to_token.key_bias(work.keys, work.rows);
    layer.image_to_token.key_images(work.keys, work.rows, work.key_images.get());
    layer.image_to_token.value_images(work.tokens, work.rows, work.tokens_of_prompt, work.value_images.get());
}

// Takes the pixels through layer number `number`, and the tokens to what they gain from the pixels then.
void MaskDecoder::attend_to_picture(std::size_t number, const CrossAttention& next,
                                    const DecoderPicture& picture, Work& work) const {
    next.query_images(next.queries(work.placed_tokens(), work.rows), work.rows, work.query_images.get());
    sweep(number, picture, work);
    add_to(work.tokens, next.gain(work.gathered.get(), work.rows));
}

MaskDecoder::Decoded MaskDecoder::decode(const DecoderPicture& picture, const float* sparse, int prompts,
                                         int points) const {
    Work work = start(sparse, prompts, points);
    attend_among_tokens(layers_.front(), work);
    gather_first(picture, work);
    finish_tokens(layers_.front(), work);
    for (std::size_t number = 1; number < layers_.size(); ++number) {
        attend_among_tokens(layers_[number], work);
        attend_to_picture(number - 1, layers_[number].token_to_image, picture, work);
        finish_tokens(layers_[number], work);
    }
    attend_to_picture(layers_.size() - 1, final_, picture, work);
    final_norm_(work.tokens);

    Decoded result;
    result.prompts = prompts;
    result.pixels = std::move(work.pixels);
    std::vector<float> iou_tokens;
    for (int prompt = 0; prompt < prompts; ++prompt) {
        const auto iou_token =
            work.tokens.begin() + std::ptrdiff_t{prompt} * work.tokens_of_prompt * blocks_.channels;
        const auto mask_token = iou_token + blocks_.channels;
        iou_tokens.insert(iou_tokens.end(), iou_token, mask_token);
        result.mask_tokens.insert(result.mask_tokens.end(), mask_token,
                                  mask_token + std::ptrdiff_t{masks_} * blocks_.channels);
    }
    result.iou_predictions = iou_head_(std::move(iou_tokens), prompts);
    return result;
}

void MaskDecoder::masks(const float* pixels, const std::vector<int>& masks, const float* mask_tokens,
                        const std::vector<float*>& logits) const {
    std::vector<float> weights;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const float* const token = mask_tokens + i * blocks_.channels;
        const Head& head = hypernetworks_[static_cast<std::size_t>(masks[i])];
        const std::vector<float> own = head({token, token + blocks_.channels}, 1);
        weights.insert(weights.end(), own.begin(), own.end());
    }
    upscaler_(pixels, weights.data(), logits);
}

}  // namespace landseam::sam::cpu
