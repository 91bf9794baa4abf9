// Eigenvectors of small symmetric matrices.
#pragma once

#include <vector>

namespace landseam::bands {

struct EigenPairs {
    std::vector<double> values;  // descending
    std::vector<std::vector<double>>
        vectors;  // unit length, one a value; the entry of largest magnitude is positive
};

// Eigenvalues and eigenvectors of a symmetric n × n matrix (rows) by cyclic Jacobi rotations (Golub and Van
// Loan, Matrix Computations, section 8.5). Same input, same output, bit for bit.
EigenPairs symmetric_eigen(std::vector<std::vector<double>> matrix);

}  // namespace landseam::bands
