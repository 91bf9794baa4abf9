// Attention of a ViT block over a square grid of tokens, with relative positions.
#pragma once

#include "landseam/sam/modules.h"

#include "sam/cpu/buffer_pool.h"
#include "sam/cpu/linear_layer.h"

namespace landseam::sam::cpu {

// Scores live for one tile of keys and one block of queries, in cache; the softmax runs along.
//
// Keys and values lie in rows of key_width() tokens, [side · key_width × 2C] (keys, then values), so that
// vectors of the softmax end with a row; what is beyond the side counts for nothing.
class VitAttention {
public:
    VitAttention(const sam::VitAttention& attention, int side, Precision precision);

    LinearLayer q, kv, proj;

    int heads() const { return heads_; }
    int side() const { return side_; }
    int key_width() const { return (side_ + 15) / 16 * 16; }
    std::size_t key_values() const { return std::size_t{2} * side_ * key_width() * q.out(); }

    // Keys and values of a window of normalised tokens [rows · width × C], smaller than the side where it is
    // cut by the picture's edge, to their places. The window's other tokens are padding: zeros, of which only
    // the bias is left.
    void keys_of_window(const float* normed, int rows, int width, float* keys) const;
    // Those of whole rows of the grid, [rows · side × C], beginning with row `first`.
    void keys_of_rows(const float* normed, int first, int rows, float* keys) const;

    // One head for `count` queries [count × C], which are numbers `first`… of a grid `query_width` wide; to
    // that head's part of out [count × C].
    void operator()(const float* queries, int first, int count, int query_width, const float* keys, int head,
                    float* out) const;

private:
    void keys_of_rows(const float* normed, int first, int rows, int width, float* keys) const;
    void clear_beyond_side(int row, float* keys) const;
    void position_terms(const float* queries, int first, int count, int query_width, float* table,
                        float* row_terms, float* column_terms) const;

    int heads_, side_;
    at::Tensor rows_, columns_;  // the tables of positions, last row first: [2 · side − 1, head]
    BufferPool buffers_;
};

}  // namespace landseam::sam::cpu
