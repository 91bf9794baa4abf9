#include "sam/training/products.h"

#include "sam/cpu/matmul.h"

#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

namespace landseam::sam {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

int narrow(std::int64_t size) {
    return static_cast<int>(size);
}

// C[m × n] = A · B for each of a batch, either of them stored the other way round on request.
at::Tensor multiply(const at::Tensor& a_any, bool a_transposed, const at::Tensor& b_any, bool b_transposed) {
    const at::Tensor a = a_any.contiguous(), b = b_any.contiguous();
    const std::int64_t batch = a.size(0), m = a.size(a_transposed ? 2 : 1), k = a.size(a_transposed ? 1 : 2),
                       n = b.size(b_transposed ? 1 : 2);
    at::Tensor c = at::empty({batch, m, n}, a.options());
    if (c.numel() == 0) return c;
    cpu::MatMulShape shape{narrow(m), narrow(n), narrow(k), narrow(a.size(2)), narrow(b.size(2)), narrow(n)};
    shape.a_transposed = a_transposed;
    shape.b_transposed = b_transposed;
    const cpu::MatMul& product = cpu::matmul(shape);
    for (std::int64_t i = 0; i < batch; ++i)
        product(a.data_ptr<float>() + i * m * k, b.data_ptr<float>() + i * k * n,
                c.data_ptr<float>() + i * m * n);
    return c;
}

at::Tensor as_rows(const at::Tensor& x) {
    return x.reshape({1, -1, x.size(-1)});
}

struct LinearFunction : torch::autograd::Function<LinearFunction> {
    static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight,
                            const Variable& bias) {
        context->save_for_backward({x, weight});
        context->saved_data["bias"] = bias.defined();
        const at::Tensor rows = x.contiguous();
        std::vector<std::int64_t> sizes = x.sizes().vec();
        const std::int64_t in = sizes.back(), out = weight.size(0);
        sizes.back() = out;
        at::Tensor y = at::empty(sizes, x.options());
        if (y.numel() > 0)
            cpu::linear(rows.data_ptr<float>(), narrow(rows.numel() / in), narrow(in),
                        weight.contiguous().data_ptr<float>(),
                        bias.defined() ? bias.data_ptr<float>() : nullptr, narrow(out), y.data_ptr<float>());
        return y;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &x = saved[0], &weight = saved[1];
        const at::Tensor gradient = as_rows(gradients[0]);
        variable_list result(3);
        if (context->needs_input_grad(0))
            result[0] = multiply(gradient, false, weight.unsqueeze(0), false).view(x.sizes());
        if (context->needs_input_grad(1)) result[1] = multiply(gradient, true, as_rows(x), false).squeeze(0);
        if (context->saved_data["bias"].toBool() && context->needs_input_grad(2))
            result[2] = gradient.sum(at::IntArrayRef{0, 1});
        return result;
    }
};

struct ProductFunction : torch::autograd::Function<ProductFunction> {
    static Variable forward(AutogradContext* context, const Variable& a, const Variable& b,
                            bool b_transposed) {
        context->save_for_backward({a, b});
        context->saved_data["b_transposed"] = b_transposed;
        return multiply(a, false, b, b_transposed);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &a = saved[0], &b = saved[1], gradient = gradients[0];
        const bool b_transposed = context->saved_data["b_transposed"].toBool();
        variable_list result(3);
        if (context->needs_input_grad(0)) result[0] = multiply(gradient, false, b, !b_transposed);
        if (context->needs_input_grad(1))
            result[1] =
                b_transposed ? multiply(gradient, true, a, false) : multiply(a, true, gradient, false);
        return result;
    }
};

}  // namespace

bool learns_on_cpu(const at::Tensor& a, const at::Tensor& b) {
    return at::GradMode::is_enabled() && (a.requires_grad() || b.requires_grad()) && a.is_cpu() &&
           a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat;
}

at::Tensor linear_that_learns(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return LinearFunction::apply(x, weight, bias);
}

at::Tensor product_that_learns(const at::Tensor& a, const at::Tensor& b, bool b_transposed) {
    return ProductFunction::apply(a, b, b_transposed);
}

}  // namespace landseam::sam
