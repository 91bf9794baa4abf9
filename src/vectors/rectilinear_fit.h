// Lines of few directions fitted to ragged outlines.
#pragma once

#include "landseam/core/polygon.h"

#include <vector>

namespace landseam::vectors {

struct FitOptions {
    double direction = 0;  // radians: edges run along it or across it, or at 45°
    double tolerance = 1;  // of the first look at the outline, which finds its edges
    double detail = 1;     // shorter edges are smoothed away
    double spacing = 0.1;  // of the samples along the outline
    bool diagonals = false;
};

// A ring of edges in the given directions, each where the samples it stands for lie on average; empty where
// fewer than four edges are left.
Ring fit_ring(const Ring& ring, const FitOptions& options);

// The same for an open line; its ends stay ends, on the line fitted there.
Ring fit_line(const Ring& line, const FitOptions& options);

// The direction in radians, 0 to π/2, that with its perpendicular suits the rings and lines best: the one
// that most length of edges lies along, made exact by least squares over all samples of those edges.
double best_direction(const std::vector<Ring>& rings, const std::vector<Ring>& lines, double tolerance,
                      double spacing);

}  // namespace landseam::vectors
