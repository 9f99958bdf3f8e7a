#include "stages/quant/quantsim_config.h"

#include <map>
#include <sstream>
#include <utility>

#include "pipeline/errors.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/quantsim_rules.h"

namespace qeval {
namespace {

/// On or off with the reason; AIMET starts from "off" and later sections override earlier ones.
struct Switch {
  bool on = false;
  std::string rule;
};

/// Applies one configuration to one graph. Quantizers belong to owners: modules, or call sites after prepare_model.
class Placement {
 public:
  Placement(Graph& graph, const QuantRecipe& recipe)
      : graph_(graph), recipe_(recipe), rules_(quantsim_rules(recipe.mode)), users_(consumers(graph)) {
    for (const Node& node : graph.nodes) ++calls_[owner(node)];
  }

  std::vector<std::string> run() {
    graph_.quantizers.clear();
    apply_defaults();
    apply_output_off();
    apply_supergroups();
    apply_model_input();
    switch_off_reused_activations();
    for (Node& node : graph_.nodes) place(node);
    report_functional_calls();
    report_unfolded();
    record_pass();
    return std::move(remarks_);
  }

 private:
  /// What holds the node's quantizers: "" for a function call that prepare_model has not made a module of.
  const std::string& owner(const Node& node) const {
    return recipe_.share_module_quantizers ? node.module : node.prepared;
  }
  const Node& node_at(int index) const { return graph_.nodes[static_cast<std::size_t>(index)]; }
  const std::vector<int>& users_of(int index) const { return users_[static_cast<std::size_t>(index)]; }
  std::string_view type(const Node& node) const { return onnx_type(node, rules_); }

  bool output_is_off(const Node& node) const {
    for (const std::string_view off : rules_.output_off)
      if (off == type(node)) return true;
    return false;
  }

  // defaults: every output on. A functional add has no module to carry it, so its consumers' inputs are switched on.
  void apply_defaults() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (node.op == Op::input) continue;
      if (!owner(node).empty()) {
        outputs_[owner(node)] = {true, "defaults: outputs are quantized"};
      } else if (node.op == Op::add) {
        for (const int user : users_of(static_cast<int>(i)))
          if (!owner(node_at(user)).empty())
            inputs_[owner(node_at(user))] = {true, "defaults: output of the functional add before it"};
      }
    }
  }

  // op_type: is_output_quantized False.
  void apply_output_off() {
    for (const Node& node : graph_.nodes)
      if (output_is_off(node)) outputs_[owner(node)].on = false;
  }

  /// The only consumer, seen through a batch norm that folds into `index`; −1 if there are several.
  int next_in_chain(int index) const {
    if (users_of(index).size() != 1) return -1;
    const int user = users_of(index)[0];
    return foldable_producer(graph_, users_, user) == index ? next_in_chain(user) : user;
  }

  // supergroups: first output off, last input off. An unfolded batch norm counts as part of its convolution.
  void apply_supergroups() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const int first = static_cast<int>(i);
      if (const int folds_into = foldable_producer(graph_, users_, first); folds_into >= 0)
        outputs_[owner(node_at(folds_into))].on = false;
      const int last = next_in_chain(first);
      if (last >= 0 && chain_matches(first, last)) close_chain(first, last);
    }
  }

  bool chain_matches(int first, int last) const {
    for (const auto& chain : rules_.supergroups)
      if (chain.first == type(node_at(first)) && chain.last == type(node_at(last))) return true;
    return false;
  }

  void close_chain(int first, int last) {
    outputs_[owner(node_at(first))].on = false;
    const int user = users_of(first)[0];
    if (user != last) outputs_[owner(node_at(user))].on = false;
    inputs_[owner(node_at(last))].on = false;
    Switch& output = outputs_[owner(node_at(last))];
    if (output.on)
      output.rule = "supergroup " + std::string(type(node_at(first))) + "+" + std::string(type(node_at(last))) +
                    ": only the last output";
  }

  void apply_model_input() {
    if (!recipe_.quantize_input) return;
    for (const int user : users_of(0)) {
      if (owner(node_at(user)).empty())
        remarks_.push_back("the model input goes into '" + node_at(user).name +
                           "', a function call without a module: it is not quantized there");
      else
        inputs_[owner(node_at(user))] = {true, "model_input"};
    }
  }

  void switch_off_reused_activations() {
    if (!rules_.reused_activation_off) return;
    for (auto& [name, output] : outputs_) {
      if (name.empty() || calls_[name] < 2 || !output.on) continue;
      output.on = false;
      remarks_.push_back("WARNING: '" + name + "' is called " + std::to_string(calls_[name]) +
                         " times and gets NO output quantizer (aimet-torch 2 skips re-used modules of an unprepared "
                         "model); set share_module_quantizers: false to quantize every call");
    }
  }

  void place(Node& node) {
    const std::string& name = owner(node);
    node.input_quantizers.assign(node.inputs.size(), -1);
    node.output_quantizer = node.weight_quantizer = node.bias_quantizer = -1;
    if (node.op == Op::input || name.empty()) return;
    if (const Switch& input = inputs_[name]; input.on) place_inputs(node, input.rule);
    if (has_filter(node)) place_parameters(node);
    if (const Switch& output = outputs_[name]; output.on)
      node.output_quantizer = feed(activation(QuantizerRole::output, name, output.rule));
  }

  void place_inputs(Node& node, const std::string& rule) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      node.input_quantizers[i] = feed(activation(QuantizerRole::input, owner(node), rule));
  }

  static bool has_filter(const Node& node) {
    return node.op == Op::conv || node.op == Op::linear || node.op == Op::conv_transpose;
  }

  void place_parameters(Node& node) {
    node.weight_quantizer = feed(parameter(node, "weight", "params: weights are quantized"));
    if (recipe_.quantize_bias && !node.bias.shape().empty())
      node.bias_quantizer = feed(parameter(node, "bias", "recipe: biases are quantized"));
  }

  Quantizer activation(QuantizerRole role, const std::string& module, const std::string& rule) const {
    Quantizer quantizer;
    quantizer.role = role;
    quantizer.module = module;
    quantizer.bits = recipe_.activation_bits;
    quantizer.symmetric = recipe_.activation_symmetric;
    quantizer.rule = rules_.name + ", " + rule;
    return quantizer;
  }

  Quantizer parameter(const Node& node, const std::string& which, const std::string& rule) const {
    Quantizer quantizer;
    quantizer.role = QuantizerRole::param;
    quantizer.module = owner(node);
    quantizer.parameter = which;
    quantizer.bits = recipe_.param_bits;
    quantizer.symmetric = recipe_.param_symmetric;
    quantizer.per_channel =
        recipe_.per_channel && (node.op == Op::conv || (node.op == Op::linear && rules_.linear_per_channel));
    quantizer.rule = rules_.name + ", " + rule;
    return quantizer;
  }

  /// The index of the quantizer with this key, made at its first call site.
  int feed(Quantizer quantizer) {
    const auto [found, fresh] = by_key_.try_emplace(quantizer.key(), static_cast<int>(graph_.quantizers.size()));
    if (fresh) graph_.quantizers.push_back(std::move(quantizer));
    ++graph_.quantizers[static_cast<std::size_t>(found->second)].call_sites;
    return found->second;
  }

  /// Placing again replaces: only the last placement counts.
  void record_pass() {
    const std::string prefix = "quantsim/1 ";
    std::erase_if(graph_.passes, [&](const std::string& pass) { return pass.rfind(prefix, 0) == 0; });
    graph_.passes.push_back(prefix + recipe_.identity());
  }

  void report_functional_calls() {
    std::map<std::string, std::vector<std::string>> names;
    for (const Node& node : graph_.nodes)
      if (node.op != Op::input && owner(node).empty() && !output_is_off(node))
        names[op_name(node.op)].push_back(node.name);
    for (const auto& [op, sites] : names) {
      std::string text = std::to_string(sites.size()) + " function call(s) of " + op +
                         " have no module, so their outputs are not quantized: " + sites[0];
      for (std::size_t i = 1; i < sites.size() && i < 3; ++i) text += ", " + sites[i];
      if (sites.size() > 3) text += " and " + std::to_string(sites.size() - 3) + " more";
      remarks_.push_back(text);
    }
  }

  void report_unfolded() {
    for (const Node& node : graph_.nodes)
      if (node.op == Op::batch_norm)
        remarks_.push_back("batch norm '" + node.name + "' is not folded: its parameters are not quantized");
  }

  Graph& graph_;
  const QuantRecipe& recipe_;
  const QuantsimRules& rules_;
  std::vector<std::vector<int>> users_;
  std::map<std::string, int> calls_;                 ///< by owner
  std::map<std::string, Switch> inputs_, outputs_;   ///< by owner
  std::map<std::string, int> by_key_;                ///< index in Graph::quantizers
  std::vector<std::string> remarks_;
};

void check_bits(const char* what, int bits) {
  if (bits < 2 || bits > 16)
    throw UsageError(std::string(what) + " is " + std::to_string(bits) + ", but must be from 2 to 16");
}

}  // namespace

std::string QuantRecipe::identity() const {
  std::ostringstream out;
  out << "mode=" << mode_name(mode) << " scheme=" << scheme_name(scheme) << " param_bits=" << param_bits
      << " param_symmetric=" << param_symmetric << " per_channel=" << per_channel
      << " activation_bits=" << activation_bits << " activation_symmetric=" << activation_symmetric
      << " quantize_input=" << quantize_input << " quantize_bias=" << quantize_bias
      << " share_module_quantizers=" << share_module_quantizers;
  return out.str();
}

std::vector<std::string> place_quantizers(Graph& graph, const QuantRecipe& recipe) {
  check_bits("param_bits", recipe.param_bits);
  check_bits("activation_bits", recipe.activation_bits);
  return Placement(graph, recipe).run();
}

}  // namespace qeval
