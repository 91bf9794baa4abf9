#include "sam/cpu/token_layers.h"

#include "sam/cpu/kernels.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace landseam::sam::cpu {

namespace {

const float* data(const at::Tensor& tensor) {
    return tensor.data_ptr<float>();
}

Linear dense(const Linear& layer) {
    return {layer.weight.contiguous(), layer.bias.contiguous()};
}

int inputs(const Linear& layer) {
    return static_cast<int>(layer.weight.size(1));
}

int outputs(const Linear& layer) {
    return static_cast<int>(layer.weight.size(0));
}

std::vector<float> scaled(std::vector<float> x, float factor) {
    for (float& value : x) value *= factor;
    return x;
}

// Attention of one head of one prompt: q, k, v and out have `tokens` rows of `head` values, `stride` apart.
void attend(const float* q, const float* k, const float* v, int tokens, int head, int stride, float scale,
            float* out) {
    std::vector<float> weights(static_cast<std::size_t>(tokens));
    for (int i = 0; i < tokens; ++i) {
        float top = -3.4e38F, total = 0;
        for (int j = 0; j < tokens; ++j) {
            float score = 0;
            for (int d = 0; d < head; ++d) score += q[i * stride + d] * k[j * stride + d];
            top = std::max(top, weights[j] = score * scale);
        }
        for (float& weight : weights) total += weight = std::exp(weight - top);
        for (int d = 0; d < head; ++d) {
            float mixed = 0;
            for (int j = 0; j < tokens; ++j) mixed += weights[j] * v[j * stride + d];
            out[i * stride + d] = mixed / total;
        }
    }
}

}  // namespace

void apply(const Linear& layer, const float* x, int rows, float* y, Activation activation) {
    linear(x, rows, inputs(layer), data(layer.weight), data(layer.bias), outputs(layer), y, activation);
}

std::vector<float> apply(const Linear& layer, const std::vector<float>& x, int rows) {
    std::vector<float> y(static_cast<std::size_t>(rows) * outputs(layer));
    apply(layer, x.data(), rows, y.data());
    return y;
}

void add_to(std::vector<float>& x, const std::vector<float>& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
}

Norm::Norm(const LayerNorm& norm)
    : weight_(norm.weight.contiguous()), shift_(norm.bias.contiguous()), eps_(static_cast<float>(norm.eps)) {}

void Norm::operator()(std::vector<float>& x) const {
    const int width = static_cast<int>(weight_.size(0)), rows = static_cast<int>(x.size()) / width;
    kernels().encoder.layer_norm_rows(x.data(), rows, width, weight(), shift(), eps_, x.data());
}

Head::Head(const Mlp& mlp) {
    for (const Linear& layer : mlp.layers) layers_.push_back(dense(layer));
}

std::vector<float> Head::operator()(std::vector<float> x, int rows) const {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        std::vector<float> y(static_cast<std::size_t>(rows) * outputs(layers_[i]));
        apply(layers_[i], x.data(), rows, y.data(),
              i + 1 < layers_.size() ? Activation::relu : Activation::none);
        x = std::move(y);
    }
    return x;
}

SelfAttention::SelfAttention(const DecoderAttention& attention)
    : q_(dense(attention.q_proj)),
      k_(dense(attention.k_proj)),
      v_(dense(attention.v_proj)),
      out_(dense(attention.out_proj)),
      heads_(attention.heads) {}

std::vector<float> SelfAttention::operator()(const std::vector<float>& queries_and_keys,
                                             const std::vector<float>& from, int rows, int tokens) const {
    const std::vector<float> q = apply(q_, queries_and_keys, rows), k = apply(k_, queries_and_keys, rows);
    const std::vector<float> v = apply(v_, from, rows);
    std::vector<float> mixed(v.size());
    const int width = outputs(v_), head = width / heads_;
    const float scale = 1 / std::sqrt(static_cast<float>(head));
    for (int row = 0; row < rows; row += tokens) {
        for (int h = 0; h < heads_; ++h) {
            const std::size_t at = static_cast<std::size_t>(row) * width + h * head;
            attend(&q[at], &k[at], &v[at], tokens, head, width, scale, &mixed[at]);
        }
    }
    return apply(out_, mixed, rows);
}

CrossAttention::CrossAttention(const DecoderAttention& attention)
    : q_(dense(attention.q_proj)),
      k_(dense(attention.k_proj)),
      v_(dense(attention.v_proj)),
      out_(dense(attention.out_proj)),
      heads_(attention.heads),
      width_(outputs(q_)),
      channels_(inputs(q_)),
      scale_(1 / std::sqrt(static_cast<float>(width_ / heads_))) {
    const at::Tensor turned = out_.weight.t().contiguous();
    out_transposed_.assign(data(turned), data(turned) + turned.numel());
}

std::vector<float> CrossAttention::queries(const std::vector<float>& placed_tokens, int rows) const {
    return scaled(apply(q_, placed_tokens, rows), scale_);
}

std::vector<float> CrossAttention::keys(const std::vector<float>& placed_tokens, int rows) const {
    return scaled(apply(k_, placed_tokens, rows), scale_);
}

void CrossAttention::to_images(const std::vector<float>& from, int rows, const float* weight,
                               float* images) const {
    const MatMul& product = matmul({rows, channels_, head(), width_, channels_, heads_ * channels_});
    for (int h = 0; h < heads_; ++h)
        product(&from[static_cast<std::size_t>(h) * head()],
                weight + static_cast<std::size_t>(h) * head() * channels_,
                images + static_cast<std::size_t>(h) * channels_);
}

void CrossAttention::query_images(const std::vector<float>& queries, int rows, float* images) const {
    to_images(queries, rows, data(k_.weight), images);
}

void CrossAttention::key_images(const std::vector<float>& keys, int rows, float* images) const {
    to_images(keys, rows, data(q_.weight), images);
}

std::vector<float> CrossAttention::key_bias(const std::vector<float>& keys, int rows) const {
    const float* const bias = data(q_.bias);
    std::vector<float> result;
    result.reserve(static_cast<std::size_t>(rows) * heads_);
    for (int row = 0; row < rows; ++row) {
        for (int h = 0; h < heads_; ++h) {
            float score = 0;
            for (int d = h * head(); d < (h + 1) * head(); ++d)
                score += keys[static_cast<std::size_t>(row) * width_ + d] * bias[d];
            result.push_back(score);
        }
    }
    return result;
}

std::vector<float> CrossAttention::values(const std::vector<float>& tokens, int rows) const {
    return apply(v_, tokens, rows);
}

void CrossAttention::value_images(const std::vector<float>& token_values, int rows, float* images) const {
    to_images(token_values, rows, out_transposed_.data(), images);
}

std::vector<float> CrossAttention::all_heads(const std::vector<float>& token_values, int rows) const {
    std::vector<float> gained(static_cast<std::size_t>(rows) * channels_);
    matmul({rows, channels_, width_, width_ + 1, channels_, channels_})(
        token_values.data(), out_transposed_.data(), gained.data());
    return gained;
}

std::vector<float> CrossAttention::gain(const float* gathered, std::vector<float> mixed, int rows) const {
    MatMulShape shape{rows, head(), channels_, heads_ * channels_, channels_, width_};
    shape.b_transposed = shape.accumulate = true;
    const MatMul& product = matmul(shape);
    for (int h = 0; h < heads_; ++h)
        product(gathered + static_cast<std::size_t>(h) * channels_,
                data(v_.weight) + static_cast<std::size_t>(h) * head() * channels_,
                &mixed[static_cast<std::size_t>(h) * head()]);
    return gain_of_values(std::move(mixed), rows);
}

std::vector<float> CrossAttention::gain_of_values(std::vector<float> mixed, int rows) const {
    const float* const bias = data(v_.bias);
    for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] += bias[i % width_];
    return apply(out_, mixed, rows);
}

void CrossAttention::project(const float* weight, const float* pixels, int count, float* out) const {
    matmul({width_, count, channels_, channels_, count, count})(weight, pixels, out);
}

void CrossAttention::project_queries(const float* pixels, int count, float* out) const {
    project(data(q_.weight), pixels, count, out);
}

void CrossAttention::project_keys(const float* pixels, int count, float* out) const {
    project(data(k_.weight), pixels, count, out);
}

void CrossAttention::project_values(const float* pixels, int count, float* out) const {
    project(data(v_.weight), pixels, count, out);
}

void CrossAttention::project_outputs(const float* pixels, int count, float* out) const {
    project(out_transposed_.data(), pixels, count, out);
}

TwoWayLayer::TwoWayLayer(const TwoWayBlock& block)
    : self_attention(block.self_attn),
      token_to_image(block.cross_attn_token_to_image),
      image_to_token(block.cross_attn_image_to_token),
      norm1(block.norm1),
      norm2(block.norm2),
      norm3(block.norm3),
      norm4(block.norm4),
      first(block.first),
      lin1_(dense(block.mlp.layers[0])),
      lin2_(dense(block.mlp.layers[1])) {}

std::vector<float> TwoWayLayer::mlp(const std::vector<float>& x, int rows) const {
    std::vector<float> hidden(static_cast<std::size_t>(rows) * outputs(lin1_));
    apply(lin1_, x.data(), rows, hidden.data(), Activation::relu);
    return apply(lin2_, hidden, rows);
}

}  // namespace landseam::sam::cpu
