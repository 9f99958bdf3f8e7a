#include "stages/quant/files/repeated_encodings.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "stages/quant/placement/quantsim_rules.h"

namespace qeval {
namespace {

bool moves_values(const Node& node) {
  const auto& types = quantsim_rules(NumericsMode::aimet_torch_2).pass_through;
  return std::find(types.begin(), types.end(), operator_type(node)) != types.end();
}

bool is_clip(Op op) { return op == Op::relu || op == Op::relu6 || op == Op::clip; }

/// "stage2.0.module_floordiv_1": a division of sizes.
bool computes_sizes(const std::string& module) {
  const std::string leaf = module.substr(module.rfind('.') + 1);
  return leaf.starts_with("module_floordiv");
}

}  // namespace

bool holds(const EncodingList& encodings, double number) {
  if (encodings.size() != 1 || encodings.front().float16) return false;
  const Encoding& encoding = encodings.front();
  const double code = number / encoding.scale - encoding.offset;
  constexpr double single_precision = 1e-3;  // of a step
  return std::abs(code - std::nearbyint(code)) < single_precision && code > -0.5 &&
         code < std::ldexp(1.0, encoding.bits) - 0.5;
}

RepeatedEncodings::RepeatedEncodings(const Graph& graph, std::function<bool(int, const EncodingEntry&)> has_grid)
    : graph_(graph), has_grid_(std::move(has_grid)), users_(consumers(graph)) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const int index = static_cast<int>(i);
    for (const std::string& name : {node.onnx_output, node.module + ":output", node.prepared + ":output"})
      outputs_.emplace(name, index);
    for (const NumberOperand& number : node.onnx_numbers) numbers_.emplace(number.tensor, Number{index, number.value});
  }
}

bool RepeatedEncodings::contain(const EncodingEntry& entry) const {
  if (entry.role == QuantizerRole::param) return false;
  if (computes_sizes(side_of(entry.name).module)) return true;
  if (const auto number = numbers_.find(entry.name); number != numbers_.end()) {
    const auto [node, value] = number->second;
    return holds(entry.list, value) || at_output(node, entry) || repeated_behind(node, entry);
  }
  const auto value = outputs_.find(entry.name);
  if (value == outputs_.end()) return false;
  return repeated_before(value->second, entry) || repeated_behind(value->second, entry);
}

bool RepeatedEncodings::at_output(int node, const EncodingEntry& entry) const {
  const int quantizer = graph_.nodes[static_cast<std::size_t>(node)].output_quantizer;
  return quantizer >= 0 && has_grid_(quantizer, entry);
}

bool RepeatedEncodings::repeated_before(int value, const EncodingEntry& entry) const {
  const Node& node = graph_.nodes[static_cast<std::size_t>(value)];
  if (node.output_quantizer >= 0) return has_grid_(node.output_quantizer, entry);
  for (const int quantizer : node.input_quantizers)
    if (quantizer >= 0 && moves_values(node) && has_grid_(quantizer, entry)) return true;
  return moves_values(node) &&
         std::any_of(node.inputs.begin(), node.inputs.end(), [&](int input) { return repeated_before(input, entry); });
}

bool RepeatedEncodings::repeated_behind(int value, const EncodingEntry& entry) const {
  const std::vector<int>& users = users_[static_cast<std::size_t>(value)];
  return std::any_of(users.begin(), users.end(), [&](int user) {
    const Node& node = graph_.nodes[static_cast<std::size_t>(user)];
    if (!is_clip(node.op) && !moves_values(node) && node.op != Op::concat) return false;
    return node.output_quantizer >= 0 ? has_grid_(node.output_quantizer, entry) : repeated_behind(user, entry);
  });
}

}  // namespace qeval
