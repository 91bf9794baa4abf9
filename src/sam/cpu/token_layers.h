// The decoder's layers on the side of the tokens: rows of C values, all prompts' tokens below one another.
#pragma once

#include "landseam/sam/modules.h"

#include "sam/cpu/matmul.h"

#include <vector>

namespace landseam::sam::cpu {

// y [rows × out] = f(layer(x [rows × in])).
void apply(const Linear& layer, const float* x, int rows, float* y, Activation activation = Activation::none);
std::vector<float> apply(const Linear& layer, const std::vector<float>& x, int rows);

struct Norm {
    explicit Norm(const LayerNorm& norm);
    void operator()(std::vector<float>& rows_of_x) const;
    const float* weight() const { return weight_.data_ptr<float>(); }
    const float* shift() const { return shift_.data_ptr<float>(); }
    float eps() const { return eps_; }

private:
    at::Tensor weight_, shift_;
    float eps_;
};

// Linear layers with ReLU between them.
struct Head {
    explicit Head(const Mlp& mlp);
    std::vector<float> operator()(std::vector<float> x, int rows) const;

private:
    std::vector<Linear> layers_;
};

// Attention among the tokens of each prompt.
struct SelfAttention {
    explicit SelfAttention(const DecoderAttention& attention);
    // queries_and_keys, values [rows × C], each `tokens` rows a prompt; returns [rows × C].
    std::vector<float> operator()(const std::vector<float>& queries_and_keys,
                                  const std::vector<float>& values, int rows, int tokens) const;

private:
    Linear q_, k_, v_, out_;
    int heads_;
};

// Attention between tokens and pixels, in either direction. `asking` is the side of the queries.
// H heads of D / H values; results for tokens are [rows][H][…].
class CrossAttention {
public:
    explicit CrossAttention(const DecoderAttention& attention);

    int width() const { return width_; }          // D
    int channels() const { return channels_; }    // C
    int head() const { return width_ / heads_; }  // values of a head

    // Tokens that ask: their queries, scaled [rows × D]; and as weights over a pixel's channels, so that
    // images · (pixel + its position) is the score but for what the softmax ignores.
    std::vector<float> queries(const std::vector<float>& placed_tokens, int rows) const;
    void query_images(const std::vector<float>& queries, int rows, float* images) const;
    // What was gathered from the pixels to what the tokens gain [rows × C]: Σ attention · pixel [rows][H][C],
    // and values [rows × D], without their bias, of a part that was projected before.
    std::vector<float> gain(const float* gathered, std::vector<float> values, int rows) const;
    // The same with all values projected before.
    std::vector<float> gain_of_values(std::vector<float> values, int rows) const;

    // Tokens that are asked: their keys, scaled [rows × D]; as weights over a pixel's channels; and the part
    // of the scores that comes from the bias of the pixels' queries, [rows][H].
    std::vector<float> keys(const std::vector<float>& placed_tokens, int rows) const;
    void key_images(const std::vector<float>& keys, int rows, float* images) const;
    std::vector<float> key_bias(const std::vector<float>& keys, int rows) const;
    // Their values [rows × D]; and what a pixel that attends to one token with one head only would gain, but
    // for the bias of the output.
    std::vector<float> values(const std::vector<float>& tokens, int rows) const;
    void value_images(const std::vector<float>& values, int rows, float* images) const;
    // What it would gain with all heads, [rows × C]; of values, [rows × (D + 1)], the last column does not
    // count.
    std::vector<float> all_heads(const std::vector<float>& values, int rows) const;
    const float* out_bias() const { return out_.bias.data_ptr<float>(); }

    // Projections of pixels [C × pixels] without bias, [D × pixels] each. Queries are not scaled.
    void project_queries(const float* pixels, int count, float* out) const;
    void project_keys(const float* pixels, int count, float* out) const;
    void project_values(const float* pixels, int count, float* out) const;
    // The other way through the output projection: value_images(values) · pixel = values · this.
    void project_outputs(const float* pixels, int count, float* out) const;

private:
    void project(const float* weight, const float* pixels, int count, float* out) const;
    // images[row][head] = Σ over the head's values of rows[row][value] · weight[value][…].
    void to_images(const std::vector<float>& values, int rows, const float* weight, float* images) const;

    Linear q_, k_, v_, out_;
    std::vector<float> out_transposed_;  // [D × C]
    int heads_, width_, channels_;
    float scale_;
};

struct TwoWayLayer {
    explicit TwoWayLayer(const TwoWayBlock& block);
    SelfAttention self_attention;
    CrossAttention token_to_image, image_to_token;
    Norm norm1, norm2, norm3, norm4;
    bool first;
    // x [rows × C] → the same, without residual.
    std::vector<float> mlp(const std::vector<float>& x, int rows) const;

private:
    Linear lin1_, lin2_;
};

void add_to(std::vector<float>& x, const std::vector<float>& y);

}  // namespace landseam::sam::cpu
