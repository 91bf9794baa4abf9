// Inner loops of the gradients. All matrices are row-major fp32, dense.
#pragma once

namespace landseam::sam::cpu {

struct TrainingKernels {
    // Each row of s [rows × columns] becomes its softmax after scaling, in place. Where there are terms, the
    // columns are a grid of grid_rows × (columns / grid_rows), and a score gains the term of its grid row
    // (row_terms [rows × grid_rows]) and of its grid column (column_terms [rows × columns / grid_rows]).
    void (*softmax_along)(float* s, int rows, int columns, float scale, const float* row_terms,
                          const float* column_terms, int grid_rows);
    // The gradient of that: d [rows × columns], of the result p, becomes that of s, and those of the terms
    // are written where there are any.
    void (*softmax_along_gradient)(const float* p, float* d, int rows, int columns, float scale,
                                   float* row_terms, float* column_terms, int grid_rows);

    // The same down the columns, without terms.
    void (*softmax_down)(float* s, int rows, int columns, float scale);
    void (*softmax_down_gradient)(const float* p, float* d, int rows, int columns, float scale);

    // y = GELU(x), and d, the gradient of y, becomes that of x.
    void (*gelu)(const float* x, int count, float* y);
    void (*gelu_gradient)(const float* x, int count, const float* d, float* result);
};

}  // namespace landseam::sam::cpu
