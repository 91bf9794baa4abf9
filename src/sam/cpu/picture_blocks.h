// How the decoder's picture lies in memory.
#pragma once

#include <algorithm>
#include <cstddef>

namespace landseam::sam::cpu {

// [blocks][channels][pixels of a block], pixels in row order, the last block padded. A block of 256 channels
// is small enough to stay in cache from one step to the next.
struct PictureBlocks {
    int grid = 0;
    int channels = 0;

    static constexpr int kMostPixels = 128;

    int pixels() const { return grid * grid; }
    int block_pixels() const { return std::min(kMostPixels, (pixels() + 15) / 16 * 16); }
    int count() const { return (pixels() + block_pixels() - 1) / block_pixels(); }
    int valid_pixels(int block) const { return std::min(block_pixels(), pixels() - block * block_pixels()); }
    std::size_t block_values() const { return static_cast<std::size_t>(channels) * block_pixels(); }
    std::size_t values() const { return count() * block_values(); }

    // Block number `block` of planes [channels, grid, grid], with `offset` [channels] added unless it is
    // null.
    void cut_block(const float* planes, const float* offset, int block, float* out) const {
        const int wide = block_pixels(), valid = valid_pixels(block);
        for (int c = 0; c < channels; ++c, out += wide) {
            const float* const from = planes + static_cast<std::size_t>(c) * pixels() + block * wide;
            const float more = offset ? offset[c] : 0.0F;
            for (int i = 0; i < valid; ++i) out[i] = from[i] + more;
            std::fill(out + valid, out + wide, 0.0F);
        }
    }
};

}  // namespace landseam::sam::cpu
