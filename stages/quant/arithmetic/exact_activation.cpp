#include "stages/quant/arithmetic/exact_activation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr double largest_table = 65535;  ///< highest code

double softplus(double x) { return x > 20 ? x : std::log1p(std::exp(x)); }  // PyTorch's threshold

/// tanh's approximation of Φ, as PyTorch and ONNX have it.
double gelu_tanh(double x) {
  constexpr double factor = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  return 0.5 * x * (1 + std::tanh(factor * (x + 0.044715 * x * x * x)));
}

/// Absent for what f32 operations compute.
std::optional<double> in_double(const Node& node, double x) {
  switch (node.op) {
    case Op::sigmoid: return 1 / (1 + std::exp(-x));
    case Op::silu: return x / (1 + std::exp(-x));
    case Op::gelu: return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
    case Op::gelu_tanh: return gelu_tanh(x);
    case Op::tanh: return std::tanh(x);
    case Op::erf: return std::erf(x);
    case Op::exp: return std::exp(x);
    case Op::log: return std::log(x);
    case Op::softplus: return softplus(x);
    case Op::mish: return x * std::tanh(softplus(x));
    case Op::elu: return x > 0 ? x : double{node.alpha} * std::expm1(x);
    default: return std::nullopt;
  }
}

float up_to_six(float x) { return std::min(std::max(x, 0.0f), 6.0f); }

/// As ATen computes them: operations that every processor rounds alike.
std::optional<float> in_single(const Node& node, float x) {
  switch (node.op) {
    case Op::hard_sigmoid: return up_to_six(x + 3) / 6;
    case Op::hard_swish: return x * up_to_six(x + 3) / 6;
    case Op::leaky_relu: return x > 0 ? x : x * node.alpha;
    case Op::sqrt: return std::sqrt(x);
    case Op::abs: return std::abs(x);
    case Op::reciprocal: return 1 / x;
    default: return std::nullopt;
  }
}

[[gnu::always_inline]] inline void look_up_all_body(const float* in, float* out, std::size_t n, const float* values,
                                                    float to_whole, float first, float last) {
  for (std::size_t i = 0; i < n; ++i) {
    const float x = in[i];
    float index = std::rint(x * to_whole) - first;
    index = index > 0.0f ? index : 0.0f;
    index = index < last ? index : last;
    const float value = values[static_cast<std::int32_t>(index)];
    out[i] = x == x ? value : x;
  }
}
QEVAL_DEFINE_FOR_EACH_ISA(void, look_up_all,
                          (const float* in, float* out, std::size_t n, const float* values, float to_whole, float first,
                           float last),
                          (in, out, n, values, to_whole, first, last))

}  // namespace

bool may_have_exact_table(const Node& node) { return in_double(node, 1).has_value(); }

bool is_value_function(Op op) {
  Node node;
  node.op = op;
  return may_have_exact_table(node) || in_single(node, 1).has_value();
}

float exact_activation(const Node& node, float x) {
  if (const auto value = in_double(node, x)) return static_cast<float>(*value);
  if (const auto value = in_single(node, x)) return *value;
  throw InternalError(std::string(op_name(node.op)) + " is no function of one value");
}

std::optional<ExactTable> exact_table(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                      NumericsMode mode) {
  if (!may_have_exact_table(node)) return std::nullopt;
  const auto grid = whole_grid_of_input(graph, node, encodings, mode);
  if (!grid || grid->levels > largest_table) return std::nullopt;
  // One more at each end: where a grid's end lies half-way between two codes, some modes round to it.
  ExactTable table{grid->quantizer, grid->scale, static_cast<float>(grid->offset - 1), {}};
  for (float whole = table.first; whole <= static_cast<float>(grid->offset + grid->levels + 1); ++whole)
    table.values.push_back(exact_activation(node, whole * grid->scale));
  return table;
}

void look_up(std::span<const float> in, std::span<float> out, const ExactTable& table) {
  if (in.size() != out.size()) throw InternalError("look_up: input and output differ in size");
  look_up_all(in.data(), out.data(), in.size(), table.values.data(), 1.0f / table.scale, table.first,
              static_cast<float>(table.values.size() - 1));
}

}  // namespace qeval
