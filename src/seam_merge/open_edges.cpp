#include "seam_merge/open_edges.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace landseam::seam_merge {
namespace {

// A side of a window: the strip of pixels along it inside, and the one outside.
struct Border {
    PixelBox inside, outside;
    bool upright = false;  // crossed by rows, not by columns
};

Border border_of(const PixelBox& window, Side side, int margin) {
    const std::int64_t width = margin + 1;
    Border border{window, window, side == left_side || side == right_side};
    for (PixelBox* strip : {&border.inside, &border.outside})
        (border.upright ? strip->width : strip->height) = width;
    switch (side) {
        case left_side:
            border.outside.x -= width;
            break;
        case top_side:
            border.outside.y -= width;
            break;
        case right_side:
            border.outside.x = window.right();
            border.inside.x = window.right() - width;
            break;
        default:
            border.outside.y = window.bottom();
            border.inside.y = window.bottom() - width;
    }
    return border;
}

// Of the strip's rows, or columns where it lies along a row, those in which the mask has pixels.
std::vector<bool> lines_of(const RunMask& mask, const PixelBox& strip, bool rows) {
    std::vector<bool> lines(static_cast<std::size_t>(rows ? strip.height : strip.width));
    const RunMask within = mask.clipped(strip);
    for (const Run& run : within.runs())
        if (rows)
            lines[static_cast<std::size_t>(run.y - strip.y)] = true;
        else
            std::fill(lines.begin() + (run.x_begin - strip.x), lines.begin() + (run.x_end - strip.x), true);
    return lines;
}

}  // namespace

std::int64_t open_length(const Piece& piece, const RunMask& whole, int margin) {
    std::int64_t open = 0;
    for (const Side side : {left_side, top_side, right_side, bottom_side}) {
        if (!(piece.cut_sides & side)) continue;
        const Border border = border_of(piece.window, side, margin);
        const std::vector<bool> here = lines_of(piece.mask, border.inside, border.upright),
                                beyond = lines_of(whole, border.outside, border.upright);
        for (std::size_t i = 0; i < here.size(); ++i) open += here[i] && !beyond[i];
    }
    return open;
}

}  // namespace landseam::seam_merge
