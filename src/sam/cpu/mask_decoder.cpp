#include "sam/cpu/mask_decoder.h"

#include "sam/cpu/decoder_work.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <numeric>

namespace landseam::sam::cpu {

namespace {

std::vector<float> copy_values(const at::Tensor& tensor) {
    const at::Tensor dense = tensor.contiguous();
    return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

// What each token of a prompt but its last has more than that, of rows [prompts × tokens × width].
std::vector<float> to_contrasts(const std::vector<float>& rows, int tokens, int width) {
    std::vector<float> contrasts;
    contrasts.reserve(rows.size());
    const std::ptrdiff_t of_prompt = static_cast<std::ptrdiff_t>(tokens) * width;
    for (auto first = rows.begin(); first != rows.end(); first += of_prompt) {
        const auto last = first + of_prompt - width;
        for (auto row = first; row != last; row += width)
            std::transform(row, row + width, last, std::back_inserter(contrasts), std::minus<>());
    }
    return contrasts;
}

// The last token of each prompt and a 1 behind it, [prompts × (width + 1)].
std::vector<float> of_last_tokens(const std::vector<float>& rows, int tokens, int width) {
    std::vector<float> last;
    const std::ptrdiff_t of_prompt = static_cast<std::ptrdiff_t>(tokens) * width;
    for (auto end = rows.begin() + of_prompt;; end += of_prompt) {
        last.insert(last.end(), end - width, end);
        last.push_back(1);
        if (end == rows.end()) return last;
    }
}

}  // namespace

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
      upscaler_(model.mask_decoder, blocks_, layers_.back().norm4.shift()),
      picture_maker_(blocks_, layers_, final_, model.image_positions.contiguous().data_ptr<float>(),
                     upscaler_.first_weight()) {
    const std::vector<float> mask_tokens = copy_values(model.mask_decoder.mask_tokens);
    output_tokens_.insert(output_tokens_.end(), mask_tokens.begin(), mask_tokens.end());
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
    work.layers = static_cast<int>(layers_.size());
    work.blocks = blocks_;
    const std::size_t images = static_cast<std::size_t>(work.rows) * heads_, terms = work.terms();
    work.pictures = buffers_.take(prompts * work.picture_values());
    for (Buffer* buffer : {&work.key_images, &work.gained, &work.query_images})
        *buffer = buffers_.take(images * channels);
    for (Buffer* buffer : {&work.asking, &work.asked, &work.gathered})
        *buffer = buffers_.take(images * terms);
    work.grams = buffers_.take(prompts * terms * terms);
    work.crossed.resize(layers_.size());
    work.last_crossed.resize(layers_.size());
    for (Buffer& buffer : work.crossed) buffer = buffers_.take(images * blocks_.block_pixels());
    for (Buffer& buffer : work.last_crossed)
        buffer = buffers_.take(static_cast<std::size_t>(prompts) * blocks_.block_pixels());
    for (Buffer* buffer : {&work.scores, &work.placed})
        *buffer = buffers_.take(images * blocks_.block_pixels());
    work.squares = buffers_.take(blocks_.block_pixels());
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
void MaskDecoder::finish_tokens(std::size_t number, Work& work) const {
    const TwoWayLayer& layer = layers_[number];
    const CrossAttention& asking = layer.image_to_token;
    const int channels = blocks_.channels, contrasting = work.contrasting_rows();
    layer.norm2(work.tokens);
    add_to(work.tokens, layer.mlp(work.tokens, work.rows));
    layer.norm3(work.tokens);
    work.keys =
        to_contrasts(asking.keys(work.placed_tokens(), work.rows), work.tokens_of_prompt, asking.width());
    work.key_bias = asking.key_bias(work.keys, contrasting);
    asking.key_images(work.keys, contrasting, work.key_images.get());
    const std::vector<float> values = asking.values(work.tokens, work.rows);
    work.last_values.push_back(of_last_tokens(values, work.tokens_of_prompt, asking.width()));
    work.last_gained = asking.all_heads(work.last_values.back(), work.prompts);
    for (float* row = work.last_gained.data(); row != work.last_gained.data() + work.last_gained.size();
         row += channels)
        for (int c = 0; c < channels; ++c) row[c] += picture_maker_.constant(number)[c];
    work.values.push_back(to_contrasts(values, work.tokens_of_prompt, asking.width()));
    asking.value_images(work.values.back(), contrasting, work.gained.get());
    if (number == 0) return;
    const float* const shift = layers_[number - 1].norm4.shift();  // the pixels' β
    for (std::size_t i = 0; i < work.key_bias.size(); ++i) {
        const float* const image = work.key_images.get() + i * channels;
        work.key_bias[i] += std::inner_product(image, image + channels, shift, 0.0F);
    }
}

MaskDecoder::Decoded MaskDecoder::decode(const DecoderPicture& picture, const float* sparse, int prompts,
                                         int points) const {
    Work work = start(sparse, prompts, points);
    for (std::size_t number = 0; number < layers_.size(); ++number) {
        attend_among_tokens(layers_[number], work);
        if (number == 0)
            gather_first(picture, work);
        else
            attend_to_picture(number - 1, picture, work);
        finish_tokens(number, work);
    }
    attend_to_picture(layers_.size() - 1, picture, work);
    final_norm_(work.tokens);

    Decoded result;
    result.prompts = prompts;
    result.picture_values = work.picture_values();
    result.pictures = std::move(work.pictures);
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

void MaskDecoder::masks(const DecoderPicture& picture, const float* own, std::size_t picture_values,
                        const std::vector<int>& masks, const float* mask_tokens,
                        const std::vector<float*>& logits) const {
    std::vector<float> weights;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const float* const token = mask_tokens + i * blocks_.channels;
        const Head& head = hypernetworks_[static_cast<std::size_t>(masks[i])];
        const std::vector<float> of_mask = head({token, token + blocks_.channels}, 1);
        weights.insert(weights.end(), of_mask.begin(), of_mask.end());
    }
    // picture_values = blocks · R · (K + 1) + C · K
    const std::size_t scales = static_cast<std::size_t>(blocks_.count()) * blocks_.block_pixels();
    const std::size_t terms = (picture_values - scales) / (scales + blocks_.channels);
    upscaler_(picture.upscaled, {own, own + scales * (terms + 1), static_cast<int>(terms)}, weights.data(),
              logits);
}

}  // namespace landseam::sam::cpu
