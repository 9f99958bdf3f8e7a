// Functions of one value, and of two.
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "stages/infer/integer/integer_pairs.h"
#include "stages/infer/integer/integer_planner.h"
#include "stages/quant/arithmetic/exact_activation.h"
#include "stages/quant/arithmetic/exact_norm.h"
#include "stages/quant/arithmetic/quantized_parameter.h"

namespace qeval {
namespace {

float arithmetic(Op op, float a, float b) { return op == Op::div ? a / b : combined(op, a, b); }

/// Axis 0 of the shape is the only one that is longer than 1.
bool lies_along_channels(const Tensor& tensor) { return tensor.numel() == 1 || tensor.numel() == tensor.size(0); }

/// Two operands, one of which is repeated along the other's pixels.
bool fits(const CodeShape& operand, const CodeShape& result) {
  return operand == result || (operand.channels == result.channels && operand.pixels() == 1);
}

}  // namespace

Value IntegerPlanner::limited(Limits limits) {
  Value from = input(0);
  const auto limit = [&](Limits& present) {
    present = present.clamped(limits);
    return true;
  };
  const bool done = std::visit(
      [&](auto& is) {
        using Kind = std::remove_reference_t<decltype(is)>;
        if constexpr (std::is_same_v<Kind, Codes>)
          return limit(is.meaning.limits);
        else if constexpr (std::is_same_v<Kind, LayerValue>)
          return limit(is.layer.limits);
        else if constexpr (std::is_same_v<Kind, MappedValue>) {
          for (auto& values : is.values)
            for (float& x : values) x = limits(x);
          return true;
        } else if constexpr (requires { is.limits; })
          return limit(is.limits);
        else
          return false;
      },
      from.is);
  return done ? from : floats("its input has no codes");
}

Value IntegerPlanner::function() {
  if (may_have_exact_table(*node_) && !exact_table(graph_, *node_, encodings_, mode_))
    return floats("its input is on no quantizer's grid");
  return mapped(1, [this](std::size_t, float x) { return exact_activation(*node_, x); });
}

/// By a table for every code; of one function, or of one for each channel.
Value IntegerPlanner::mapped(std::size_t functions, const ChannelFunction& of) {
  const Value from = input(0);
  const auto* codes = std::get_if<Codes>(&from.is);
  if (!codes) return floats("its input has no codes");
  MappedValue result{*codes, {}};
  for (std::size_t channel = 0; channel < functions; ++channel) {
    auto& values = result.values.emplace_back(codes->meaning.reals());
    for (float& x : values) x = of(channel, x);
    const auto used = static_cast<std::ptrdiff_t>(codes->meaning.grid.levels) + 1;
    if (!std::all_of(values.begin(), values.begin() + used, [](float x) { return std::isfinite(x); }))
      return floats("some of its values are not finite");
  }
  return value(std::move(result));
}

Value IntegerPlanner::batch_norm() {
  const auto parameter = [&](const Tensor& tensor, int quantizer) {
    return quantized_parameter(graph_, tensor, quantizer, encodings_, mode_);
  };
  const ExactNorm norm = exact_norm(parameter(node_->weight, node_->weight_quantizer),
                                    parameter(node_->bias, node_->bias_quantizer), *node_);
  return mapped(norm.factor.size(), norm);
}

Value IntegerPlanner::layer_norm() {
  const Value from = input(0);
  const auto* codes = std::get_if<Codes>(&from.is);
  auto norm = exact_layer_norm(graph_, *node_, encodings_, mode_);
  if (node_->axis != (channels_last_ ? 3 : 1)) return floats("it normalizes another axis than the channels");
  if (!codes || !norm) return floats("its input is on no quantizer's grid");
  return value(NormValue{*codes, std::move(*norm), {}});
}

/// prelu.
Value IntegerPlanner::slopes() {
  const Tensor slopes = quantized_parameter(graph_, node_->weight, node_->weight_quantizer, encodings_, mode_);
  if (!lies_along_channels(slopes)) return floats("its slopes differ within a channel");
  return mapped(static_cast<std::size_t>(slopes.numel()),
                [&](std::size_t channel, float x) { return x > 0 ? x : x * slopes.values()[channel]; });
}

Value IntegerPlanner::with_constant(Op op) {
  const Tensor constant = quantized_parameter(graph_, node_->weight, node_->weight_quantizer, encodings_, mode_);
  if (!pairs_codes(op) && op != Op::div) return floats(std::string(op_name(op)) + " has no form on codes");
  if (!lies_along_channels(constant) || output_shape() != input_shape(0))
    return floats("its constant differs within a channel");
  return mapped(static_cast<std::size_t>(constant.numel()), [&](std::size_t channel, float x) {
    const float c = constant.values()[channel];
    return node_->weight_first ? arithmetic(op, c, x) : arithmetic(op, x, c);
  });
}

Value IntegerPlanner::pair() {
  const Value first = input(0), second = input(1);
  if (!pairs_codes(node_->op)) return floats(std::string(op_name(node_->op)) + " has no form on codes");
  const auto *a = std::get_if<Codes>(&first.is), *b = std::get_if<Codes>(&second.is);
  if (!a || !b) return floats("its operands have no codes");
  if (!fits(first.shape, shape_) || !fits(second.shape, shape_)) return floats("an operand is repeated along channels");
  return value(PairValue{node_->op, *a, *b, {}});
}

}  // namespace qeval
