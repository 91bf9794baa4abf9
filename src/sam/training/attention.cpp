#include "sam/training/attention.h"

#include "sam/cpu/kernels.h"
#include "sam/cpu/matmul.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

namespace landseam::sam {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// A matrix that is a head's part of a tensor [B, n, C]: its rows lie `apart` values from one another.
struct Part {
    float* values;
    int apart;
};

Part part(const at::Tensor& x, std::int64_t batch, std::int64_t head, std::int64_t width) {
    const std::int64_t shared = x.size(0) == 1 ? 0 : batch;
    return {x.data_ptr<float>() + shared * x.stride(0) + head * width, static_cast<int>(x.stride(1))};
}

at::Tensor with_dense_channels(const at::Tensor& x) {
    return x.stride(2) == 1 ? x : x.contiguous();
}

// C[m × n] = or += A · B, either of them stored the other way round on request.
void multiply(int m, int n, int k, Part a, bool a_transposed, Part b, bool b_transposed, Part c,
              bool add = false) {
    cpu::MatMulShape shape{m, n, k, a.apart, b.apart, c.apart};
    shape.a_transposed = a_transposed;
    shape.b_transposed = b_transposed;
    shape.accumulate = add;
    cpu::matmul(shape)(a.values, b.values, c.values);
}

// The sizes of one attention, and what it does for each batch and head. Scores lie [n × m], or where there
// are few keys [m × n], so that kernels always run along something long.
struct Geometry {
    std::int64_t batch, heads;
    int n, m, width, grid_rows = 0, grid_columns = 0;
    bool keys_down;

    Geometry(const at::Tensor& q, const at::Tensor& k, std::int64_t head_count, const at::Tensor& rows,
             const at::Tensor& columns)
        : batch(std::max(q.size(0), k.size(0))),
          heads(head_count),
          n(static_cast<int>(q.size(1))),
          m(static_cast<int>(k.size(1))),
          width(static_cast<int>(q.size(2) / head_count)),
          keys_down(m < n && m < 32) {
        if (rows.numel() == 0) return;
        grid_rows = static_cast<int>(rows.size(0));
        grid_columns = static_cast<int>(columns.size(0));
    }
    float scale() const { return 1 / std::sqrt(static_cast<float>(width)); }
    std::int64_t scores() const { return std::int64_t{n} * m; }
    Part score_part(float* values) const { return {values, keys_down ? n : m}; }

    // Terms [n × grid_rows] or [n × grid_columns] of queries `q` with a table of positions.
    void row_terms(Part q, const at::Tensor& table, float* terms) const {
        for (int y = 0; y < grid_rows; ++y)
            multiply(grid_columns, grid_rows, width,
                     {q.values + std::int64_t{y} * grid_columns * q.apart, q.apart}, false,
                     position(table, y), true,
                     {terms + std::int64_t{y} * grid_columns * grid_rows, grid_rows});
    }
    void column_terms(Part q, const at::Tensor& table, float* terms) const {
        for (int x = 0; x < grid_columns; ++x)
            multiply(grid_rows, grid_columns, width, every_row(q, x), false, position(table, x), true,
                     {terms + std::int64_t{x} * grid_columns, grid_columns * grid_columns});
    }
    // Their gradients, added to those of queries and tables.
    void row_term_gradients(Part q, const at::Tensor& table, float* terms, Part dq,
                            const at::Tensor& dtable) const {
        for (int y = 0; y < grid_rows; ++y) {
            const Part d{terms + std::int64_t{y} * grid_columns * grid_rows, grid_rows};
            const std::int64_t first = std::int64_t{y} * grid_columns;
            multiply(grid_columns, width, grid_rows, d, false, position(table, y), false,
                     {dq.values + first * dq.apart, dq.apart}, true);
            multiply(grid_rows, width, grid_columns, d, true, {q.values + first * q.apart, q.apart}, false,
                     position(dtable, y), true);
        }
    }
    void column_term_gradients(Part q, const at::Tensor& table, float* terms, Part dq,
                               const at::Tensor& dtable) const {
        for (int x = 0; x < grid_columns; ++x) {
            const Part d{terms + std::int64_t{x} * grid_columns, grid_columns * grid_columns};
            multiply(grid_rows, width, grid_columns, d, false, position(table, x), false, every_row(dq, x),
                     true);
            multiply(grid_columns, width, grid_rows, d, true, every_row(q, x), false, position(dtable, x),
                     true);
        }
    }

private:
    Part position(const at::Tensor& table, std::int64_t at) const {
        return {table.data_ptr<float>() + at * table.stride(0), width};
    }
    Part every_row(Part q, int x) const {
        return {q.values + std::int64_t{x} * q.apart, grid_columns * q.apart};
    }
};

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
    static Variable forward(AutogradContext* context, const Variable& q_any, const Variable& k_any,
                            const Variable& v_any, std::int64_t heads, const Variable& rows,
                            const Variable& columns) {
        const at::Tensor q = with_dense_channels(q_any), k = with_dense_channels(k_any),
                         v = with_dense_channels(v_any);
        const Geometry g(q, k, heads, rows, columns);
        const cpu::TrainingKernels& kernels = cpu::kernels().training;
        const at::Tensor shares = at::empty({g.batch * heads, g.scores()}, q.options());
        const at::Tensor out = at::empty({g.batch, g.n, q.size(2)}, q.options());
        std::vector<float> row_terms(static_cast<std::size_t>(g.n * g.grid_rows)),
            column_terms(static_cast<std::size_t>(g.n * g.grid_columns));
        for (std::int64_t i = 0; i < g.batch * heads; ++i) {
            const std::int64_t b = i / heads, h = i % heads;
            const Part qh = part(q, b, h, g.width), kh = part(k, b, h, g.width), vh = part(v, b, h, g.width);
            float* const s = shares.data_ptr<float>() + i * g.scores();
            if (g.keys_down) {
                multiply(g.m, g.n, g.width, kh, false, qh, true, g.score_part(s));
                kernels.softmax_down(s, g.m, g.n, g.scale());
            } else {
                multiply(g.n, g.m, g.width, qh, false, kh, true, g.score_part(s));
                if (g.grid_rows > 0) {
                    g.row_terms(qh, rows, row_terms.data());
                    g.column_terms(qh, columns, column_terms.data());
                }
                kernels.softmax_along(s, g.n, g.m, g.scale(), g.grid_rows > 0 ? row_terms.data() : nullptr,
                                      column_terms.data(), std::max(1, g.grid_rows));
            }
            multiply(g.n, g.width, g.m, g.score_part(s), g.keys_down, vh, false, part(out, b, h, g.width));
        }
        context->save_for_backward({q, k, v, shares, rows, columns});
        context->saved_data["heads"] = heads;
        return out;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &q = saved[0], &k = saved[1], &v = saved[2], &shares = saved[3], &rows = saved[4],
                         &columns = saved[5];
        const std::int64_t heads = context->saved_data["heads"].toInt();
        const Geometry g(q, k, heads, rows, columns);
        const cpu::TrainingKernels& kernels = cpu::kernels().training;
        const at::Tensor d_out = gradients[0].contiguous();
        const at::Tensor dq = at::zeros(q.sizes(), q.options()), dk = at::zeros(k.sizes(), q.options()),
                         dv = at::zeros(k.sizes(), q.options());
        at::Tensor d_rows, d_columns;
        if (g.grid_rows > 0) {
            d_rows = at::zeros(rows.sizes(), rows.options());
            d_columns = at::zeros(columns.sizes(), columns.options());
        }
        std::vector<float> d(static_cast<std::size_t>(g.scores())),
            row_terms(static_cast<std::size_t>(g.n * g.grid_rows)),
            column_terms(static_cast<std::size_t>(g.n * g.grid_columns));
        for (std::int64_t i = 0; i < g.batch * heads; ++i) {
            const std::int64_t b = i / heads, h = i % heads;
            const auto of = [&](const at::Tensor& x) { return part(x, b, h, g.width); };
            float* const p = shares.data_ptr<float>() + i * g.scores();
            const Part ds = g.score_part(d.data());
            if (g.keys_down) {
                multiply(g.m, g.n, g.width, of(v), false, of(d_out), true, ds);
                kernels.softmax_down_gradient(p, d.data(), g.m, g.n, g.scale());
            } else {
                multiply(g.n, g.m, g.width, of(d_out), false, of(v), true, ds);
                kernels.softmax_along_gradient(p, d.data(), g.n, g.m, g.scale(),
                                               g.grid_rows > 0 ? row_terms.data() : nullptr,
                                               column_terms.data(), std::max(1, g.grid_rows));
            }
            multiply(g.m, g.width, g.n, g.score_part(p), !g.keys_down, of(d_out), false, of(dv), true);
            multiply(g.n, g.width, g.m, ds, g.keys_down, of(k), false, of(dq), true);
            multiply(g.m, g.width, g.n, ds, !g.keys_down, of(q), false, of(dk), true);
            if (g.grid_rows > 0) {
                g.row_term_gradients(of(q), rows, row_terms.data(), of(dq), d_rows);
                g.column_term_gradients(of(q), columns, column_terms.data(), of(dq), d_columns);
            }
        }
        return {dq, dk, dv, {}, d_rows, d_columns};
    }
};

struct GeluFunction : torch::autograd::Function<GeluFunction> {
    static Variable forward(AutogradContext* context, const Variable& any) {
        const at::Tensor x = any.contiguous();
        context->save_for_backward({x});
        const at::Tensor y = at::empty_like(x);
        cpu::kernels().training.gelu(x.data_ptr<float>(), static_cast<int>(x.numel()), y.data_ptr<float>());
        return y;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::Tensor x = context->get_saved_variables()[0], d = gradients[0].contiguous();
        const at::Tensor result = at::empty_like(x);
        cpu::kernels().training.gelu_gradient(x.data_ptr<float>(), static_cast<int>(x.numel()),
                                              d.data_ptr<float>(), result.data_ptr<float>());
        return {result};
    }
};

}  // namespace

at::Tensor attention_that_learns(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                 std::int64_t heads, const at::Tensor& rows, const at::Tensor& columns) {
    // Functions do not take undefined tensors.
    const at::Tensor none = rows.defined() ? at::Tensor() : at::empty({0}, q.options());
    return AttentionFunction::apply(q, k, v, heads, rows.defined() ? rows.contiguous() : none,
                                    columns.defined() ? columns.contiguous() : none);
}

at::Tensor gelu_that_learns(const at::Tensor& x) {
    return GeluFunction::apply(x);
}

}  // namespace landseam::sam
