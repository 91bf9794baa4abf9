// The decoder between tokens and pixels: a layer's passes over the picture.
#include "sam/cpu/decoder_work.h"
#include "sam/cpu/kernels.h"
#include "sam/cpu/matmul.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace landseam::sam::cpu {

namespace {

// C [m × n] += A [m × k] · B [k × n]
const MatMul& adding(int m, int n, int k, int lda, int ldb, int ldc) {
    MatMulShape shape{m, n, k, lda, ldb, ldc};
    shape.accumulate = true;
    return matmul(shape);
}

// C [m × n] = A [m × k] · Bᵀ, B [n × k]
const MatMul& by_transposed(int m, int n, int k, int lda, int ldb, int ldc, bool add = false) {
    MatMulShape shape{m, n, k, lda, ldb, ldc};
    shape.b_transposed = true;
    shape.accumulate = add;
    return matmul(shape);
}

void centre_rows(float* x, int rows, int width) {
    for (int row = 0; row < rows; ++row, x += width) {
        float total = 0;
        for (int i = 0; i < width; ++i) total += x[i];
        for (int i = 0; i < width; ++i) x[i] -= total / static_cast<float>(width);
    }
}

}  // namespace

// tokens [rows × D] · planes [D × R], head by head: to products [rows][H][R].
void MaskDecoder::multiply_heads(const std::vector<float>& tokens, const float* planes,
                                 float* products) const {
    const int wide = blocks_.block_pixels(), width = layers_.front().image_to_token.width(),
              head = width / heads_;
    const int rows = static_cast<int>(tokens.size()) / width;
    const MatMul& product = matmul({rows, wide, head, width, wide, heads_ * wide});
    for (std::ptrdiff_t h = 0; h < heads_; ++h)
        product(&tokens[h * head], planes + h * head * wide, products + h * wide);
}

// Adds weights [rows][H][R] · planesᵀ, planes [D × R], head by head, to sums [rows × D].
void MaskDecoder::weigh_heads(const float* weights, const float* planes, int rows, float* sums) const {
    const int wide = blocks_.block_pixels(), width = final_.width(), head = width / heads_;
    const MatMul& product = by_transposed(rows, head, wide, heads_ * wide, wide, width, true);
    for (std::ptrdiff_t h = 0; h < heads_; ++h)
        product(weights + h * wide, planes + h * head * wide, sums + h * head);
}

// The first layer's tokens to picture, whose keys and values all prompts share: to work.tokens.
void MaskDecoder::gather_first(const DecoderPicture& picture, Work& work) const {
    const CrossAttention& attention = layers_.front().token_to_image;
    const std::vector<float> queries = attention.queries(work.placed_tokens(), work.rows);
    const DecoderKernels& kernel = kernels().decoder;
    const int images = work.rows * heads_, wide = blocks_.block_pixels(), head = attention.head();
    std::vector<float> sums(queries.size());  // [rows × D]
    work.start_softmax();
    for (int block = 0; block < blocks_.count(); ++block) {
        multiply_heads(queries, picture.first_keys.block(block), work.scores.get());
        kernel.softmax_block(work.scores.get(), nullptr, nullptr, images, wide, blocks_.valid_pixels(block),
                             work.largest.data(), work.total.data(), work.shrink.data());
        kernel.scale_rows(sums.data(), images, head, work.shrink.data());
        weigh_heads(work.scores.get(), picture.first_values.block(block), work.rows, sums.data());
    }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] /= work.total[i / head];
    add_to(work.tokens, attention.gain_of_values(std::move(sums), work.rows));
}

// Takes V through layer number `layer`: with what this layer adds, through its norm. On the way it is
// multiplied with what asks before and after the layer, and with itself.
void MaskDecoder::extend_spans(std::size_t layer, const std::vector<float>& queries, Work& work) const {
    const CrossAttention& next = picture_maker_.next(layer);
    const int channels = blocks_.channels, images = work.images(), contrasts = work.contrasts(),
              terms = work.terms();
    const int added = work.terms_of_layer(), before = static_cast<int>(layer) * added, after = before + added;
    const float* const weight = layers_[layer].norm4.weight();
    next.query_images(queries, work.rows, work.query_images.get());
    for (int prompt = 0; prompt < work.prompts; ++prompt) {
        float* const span = work.span(prompt);
        const float* const gained = work.gained.get() + work.first_contrast(prompt) * channels;
        if (before > 0)
            by_transposed(contrasts, before, channels, channels, channels, terms)(
                work.key_images.get() + work.first_contrast(prompt) * channels, span,
                work.of_prompt(work.asking, prompt, contrasts));
        float* const last = std::copy_n(gained, std::ptrdiff_t{contrasts} * channels,
                                        span + static_cast<std::ptrdiff_t>(before) * channels);
        std::copy_n(work.last_gained.data() + std::ptrdiff_t{prompt} * channels, channels, last);
        centre_rows(span, after, channels);
        float* const gram = work.of_prompt(work.grams, prompt, terms);
        by_transposed(after, after, channels, channels, channels, terms)(span, span, gram);
        for (int row = 0; row < after; ++row)
            for (int column = 0; column < row / added * added; ++column)
                gram[static_cast<std::ptrdiff_t>(row) * terms + column] *= 2;
        for (std::ptrdiff_t i = 0; i < std::ptrdiff_t{after} * channels; ++i) span[i] *= weight[i % channels];
        by_transposed(images, after, channels, channels, channels, terms)(
            work.query_images.get() + work.first_row(prompt) * channels, span,
            work.of_prompt(work.asked, prompt, images));
    }
}

// The pixels' attention to the tokens, to φ; and ρ after the norm. What tokens are to Y is there already: in
// work.scores, work.placed, work.crossed and work.last_crossed.
void MaskDecoder::update_block(std::size_t layer, const float* shared_norm, int block, int prompt,
                               Work& work) const {
    const DecoderKernels& kernel = kernels().decoder;
    const int wide = blocks_.block_pixels(), contrasts = work.contrasts(), terms = work.terms();
    const int added = work.terms_of_layer(), before = static_cast<int>(layer) * added;
    const std::size_t row = work.first_contrast(prompt);
    float *const pixels = work.pixels(prompt, block), *const scale = work.scale(prompt, block);
    float* const scores = work.scores.get() + row * wide;
    if (layer == 0) std::fill_n(scale, wide, 1.0F);
    if (layer > 0)
        adding(contrasts, wide, before, terms, wide, wide)(work.of_prompt(work.asking, prompt, contrasts),
                                                           pixels, scores);
    float* const attention = pixels + static_cast<std::ptrdiff_t>(before) * wide;
    kernel.softmax_over_tokens(scores, layer > 0 ? work.placed.get() + row * wide : nullptr, scale,
                               &work.key_bias[row], work.tokens_of_prompt - 1, heads_, wide, attention);
    float* const all_attention = attention + static_cast<std::ptrdiff_t>(contrasts) * wide;
    for (int i = 0; i < wide; ++i) all_attention[i] = 1 / scale[i];
    // |M (Y + Vᵀ φ)|² = |M Y|² + φ · (2 V M Y + V Vᵀ φ), layer by layer.
    std::copy_n(shared_norm, wide, work.squares.get());
    for (std::ptrdiff_t j = 0; j <= static_cast<std::ptrdiff_t>(layer); ++j) {
        const float* const gram = work.of_prompt(work.grams, prompt, terms) + j * added * terms;
        const float* const own = pixels + j * added * wide;
        const int until = static_cast<int>(j + 1) * added;
        float* const crossed = work.crossed[j].get() + row * wide;
        adding(contrasts, wide, until, terms, wide, wide)(gram, pixels, crossed);
        kernel.add_dots(own, crossed, contrasts, wide, work.squares.get());
        float* const last_crossed = work.last_crossed[j].get() + static_cast<std::ptrdiff_t>(prompt) * wide;
        adding(1, wide, until, terms, wide, wide)(gram + std::ptrdiff_t{contrasts} * terms, pixels,
                                                  last_crossed);
        kernel.add_dots(own + std::ptrdiff_t{contrasts} * wide, last_crossed, 1, wide, work.squares.get());
    }
    kernel.norm_scale(work.squares.get(), layers_[layer].norm4.eps(), blocks_.channels, wide, scale);
}

// Adds a block's φ to what a prompt's tokens gather, and leaves the weights of the pixels in work.scores,
// where what the tokens are to Y is.
void MaskDecoder::gather_block(std::size_t layer, int block, int prompt, Work& work) const {
    const DecoderKernels& kernel = kernels().decoder;
    const int wide = blocks_.block_pixels(), images = work.images(), terms = work.terms();
    const int after = static_cast<int>(layer + 1) * work.terms_of_layer();
    const std::size_t row = work.first_row(prompt);
    const float* const pixels = work.pixels(prompt, block);
    float* const scores = work.scores.get() + row * wide;
    float* const gathered = work.of_prompt(work.gathered, prompt, images);
    adding(images, wide, after, terms, wide, wide)(work.of_prompt(work.asked, prompt, images), pixels,
                                                   scores);
    kernel.softmax_block(scores, work.placed.get() + row * wide, work.scale(prompt, block), images, wide,
                         blocks_.valid_pixels(block), &work.largest[row], &work.total[row],
                         &work.shrink[row]);
    kernel.scale_rows(gathered, images, terms, &work.shrink[row]);
    by_transposed(images, after, wide, wide, wide, terms, true)(scores, pixels, gathered);
}

// Takes the pixels through a layer's image to token attention and, while each block is at hand, gathers it
// for the token to image attention that comes next, which asks by `queries`.
void MaskDecoder::sweep(std::size_t layer, const DecoderPicture& picture, const std::vector<float>& queries,
                        Work& work) const {
    const DecoderPicture::Layer& shared = picture.layers[layer];
    const int wide = blocks_.block_pixels(), width = final_.width();
    work.start_softmax();
    std::fill_n(work.gathered.get(), static_cast<std::size_t>(work.rows) * heads_ * work.terms(), 0.0F);
    work.from_shared.assign(queries.size(), 0.0F);
    for (int block = 0; block < blocks_.count(); ++block) {
        const float* const norm = shared.norm.block(block);
        multiply_heads(work.keys, shared.queries.block(block), work.scores.get());
        if (layer > 0)
            multiply_heads(work.keys, picture_maker_.query_positions(layer).block(block), work.placed.get());
        for (std::ptrdiff_t j = 0; j <= static_cast<std::ptrdiff_t>(layer); ++j) {
            const float* const of_values = norm + (1 + j * (width + 1)) * wide;
            multiply_heads(work.values[j], of_values, work.crossed[j].get());
            matmul({work.prompts, wide, width + 1, width + 1, wide, wide})(
                work.last_values[j].data(), of_values, work.last_crossed[j].get());
        }
        for (int prompt = 0; prompt < work.prompts; ++prompt) update_block(layer, norm, block, prompt, work);

        multiply_heads(queries, shared.keys.block(block), work.scores.get());
        multiply_heads(queries, picture_maker_.key_positions(layer).block(block), work.placed.get());
        for (int prompt = 0; prompt < work.prompts; ++prompt) gather_block(layer, block, prompt, work);
        kernels().decoder.scale_rows(work.from_shared.data(), work.rows * heads_, width / heads_,
                                     work.shrink.data());
        weigh_heads(work.scores.get(), shared.values.block(block), work.rows, work.from_shared.data());
    }
}

// What the tokens gain from what was gathered after a layer: from Σ weight · ρ (Y + Vᵀ φ), and β. [rows × C]
std::vector<float> MaskDecoder::gain(std::size_t layer, Work& work) const {
    const CrossAttention& attention = picture_maker_.next(layer);
    const int channels = blocks_.channels, images = work.images(), terms = work.terms();
    const int after = static_cast<int>(layer + 1) * work.terms_of_layer();
    const float* const shift = layers_[layer].norm4.shift();
    for (std::size_t row = 0; row < work.total.size(); ++row) work.shrink[row] = 1 / work.total[row];
    kernels().decoder.scale_rows(work.gathered.get(), work.rows * heads_, terms, work.shrink.data());
    kernels().decoder.scale_rows(work.from_shared.data(), work.rows * heads_, attention.head(),
                                 work.shrink.data());
    float* const images_of_all = work.query_images.get();
    for (std::size_t i = 0; i < static_cast<std::size_t>(work.rows) * heads_ * channels; ++i)
        images_of_all[i] = shift[i % channels];
    for (int prompt = 0; prompt < work.prompts; ++prompt)
        adding(images, channels, after, terms, channels, channels)(
            work.of_prompt(work.gathered, prompt, images), work.span(prompt),
            images_of_all + work.first_row(prompt) * channels);
    return attention.gain(images_of_all, std::move(work.from_shared), work.rows);
}

// Takes the pixels through a layer, and the tokens to what they gain from the pixels then.
void MaskDecoder::attend_to_picture(std::size_t layer, const DecoderPicture& picture, Work& work) const {
    const std::vector<float> queries = picture_maker_.next(layer).queries(work.placed_tokens(), work.rows);
    extend_spans(layer, queries, work);
    sweep(layer, picture, queries, work);
    add_to(work.tokens, gain(layer, work));
}

}  // namespace landseam::sam::cpu
