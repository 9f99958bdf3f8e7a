// Layers, and what their epilogues add.
#include <utility>

#include "stages/infer/integer/integer_layer_of.h"
#include "stages/infer/integer/integer_planner.h"
#include "stages/infer/integer/layer_weights.h"

namespace qeval {
namespace {

/// Multiplications of a layer, per image.
std::int64_t products_of(const Node& node, const CodeShape& output) {
  const std::int64_t of_channel = node.weight.numel() / node.weight.size(0);
  return of_channel * output.channels * output.pixels();
}

}  // namespace

Value IntegerPlanner::layer() {
  const Value from = input(0);
  const std::int64_t products = products_of(*node_, shape_);
  plan_.products += products;
  const bool rows = node_->op == Op::conv || output_shape().size() == 1 || channels_last_;
  auto made = rows ? integer_layer_of(graph_, *node_, encodings_, mode_) : std::string("it computes on a last axis");
  if (const auto* reason = std::get_if<std::string>(&made)) return floats(*reason);
  const auto* codes = std::get_if<Codes>(&from.is);
  if (!codes) return floats("its input has no codes");
  plan_.integer_products += products;
  auto& layer = std::get<IntegerLayer>(made);
  if (!builds_) plan_.saturating_pairs += saturating_pairs_of(layer, from.shape, shape_);
  layer.input = codes->slot;
  layer.output.shape = shape_;
  return value(LayerValue{std::move(layer)});
}

Value IntegerPlanner::sum() {
  Value first = input(0), second = input(1);
  if (input_shape(0) != input_shape(1)) return pair();
  if (std::holds_alternative<LayerValue>(second.is)) std::swap(first, second);
  const auto* codes = std::get_if<Codes>(&second.is);
  if (codes && std::holds_alternative<Codes>(first.is)) return value(SumValue{std::get<Codes>(first.is), *codes, {}});
  auto* layer = std::get_if<LayerValue>(&first.is);
  if (!codes || !layer || layer->layer.summand || layer->layer.limits != Limits())
    return floats("its summands have no codes");
  layer->layer.summand = codes->slot;
  layer->layer.summand_meaning = codes->meaning;
  return first;
}

}  // namespace qeval
