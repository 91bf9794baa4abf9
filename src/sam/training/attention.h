// Attention whose gradients are computed while scores are in cache, head by head, where libtorch would pass
// ten times over all of them in memory.
#pragma once

#include <ATen/core/Tensor.h>

namespace landseam::sam {

// softmax(q · kᵀ · scale) · v of each head, with scale = 1 / √(channels of a head). q [B, n, C], k and v
// [B, m, C], heads lie side by side in C; where either side has B = 1, it is shared by the others. Rows may
// lie any distance apart. Returns [B, n, C].
//
// With `rows` [H, H, C / heads] and `columns` [W, W, C / heads] (both or neither), n = m = H · W are grids,
// and the score of a query in grid row y and grid column x gains q · rows[y][key's row] + q ·
// columns[x][key's column].
at::Tensor attention_that_learns(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                 std::int64_t heads, const at::Tensor& rows = {},
                                 const at::Tensor& columns = {});

// at::gelu for tensors of which gradients are wanted.
at::Tensor gelu_that_learns(const at::Tensor& x);

}  // namespace landseam::sam
