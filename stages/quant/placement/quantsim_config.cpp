#include "stages/quant/placement/quantsim_config.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <sstream>
#include <utility>

#include "pipeline/base/errors.h"
#include "pipeline/base/listed_names.h"
#include "pipeline/base/sha256.h"
#include "stages/quant/placement/quantizer_switches.h"
#include "stages/quant/placement/quantsim_presets.h"
#include "stages/quant/placement/quantsim_rules.h"
#include "stages/quant/placement/shared_quantizers.h"
#include "stages/quant/placement/tied_quantizers.h"
#include "stages/quant/placement/weight_blocks.h"

namespace qeval {
namespace {

/// The recipe's configuration, or the mode's default with the recipe's own switches.
QuantsimSettings effective_settings(const QuantRecipe& recipe) {
  if (recipe.config) return *recipe.config;
  const char* const preset = recipe.per_channel ? "default_per_channel" : "default_per_tensor";
  QuantsimSettings settings = *find_quantsim_preset(preset, recipe.mode);
  settings.all_params.symmetric = recipe.param_symmetric;
  settings.ops.symmetric = recipe.activation_symmetric;
  settings.params["bias"].quantized = recipe.quantize_bias;
  settings.model_input = recipe.quantize_input;
  return settings;
}

/// Makes the quantizers that the switches ask for. Quantizers belong to owners: modules, or call sites after
/// prepare_model.
class Placement {
 public:
  Placement(Graph& graph, const QuantRecipe& recipe)
      : graph_(graph),
        recipe_(recipe),
        settings_(effective_settings(recipe)),
        rules_(quantsim_rules(recipe.mode)),
        owner_(recipe.share_module_quantizers ? QuantizerOwner::module : QuantizerOwner::prepared_module) {}

  std::vector<std::string> run() {
    graph_.quantizers.clear();
    QuantizerSwitches switches = apply_quantsim_settings(graph_, settings_, rules_, owner_);
    remarks_ = std::move(switches.remarks);
    for (Node& node : graph_.nodes) place(node, switches.owners[owner(node)]);
    if (recipe_.param_block_size != 0) cut_weights_into_blocks(graph_, recipe_);
    if (rules_.sharing == QuantizerSharing::handed_to_producers) share_quantizers_across_grids(graph_, owner_);
    if (rules_.sharing == QuantizerSharing::tied) has_ties_ = tie_quantizers(graph_, rules_);
    for (Quantizer& number : numbers_) graph_.quantizers.push_back(std::move(number));
    report_functional_calls();
    report_unfolded();
    record_pass();
    return std::move(remarks_);
  }

  /// After run().
  std::vector<TensorRule> tensors() const {
    std::vector<TensorRule> rows;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) add_rows(graph_.nodes[i], rules_of_[i], rows);
    for (std::size_t q = 0; q < graph_.quantizers.size(); ++q)
      if (const Quantizer& quantizer = graph_.quantizers[q]; quantizer.number)
        rows.push_back({quantizer.key(), static_cast<int>(q), quantizer.rule});
    return rows;
  }

 private:
  struct NodeRules {
    std::string input, output, weight, bias;
  };

  const std::string& owner(const Node& node) const { return owner_of(node, owner_); }

  void place(Node& node, const OwnerSwitches& switches) {
    node.input_quantizers.assign(node.inputs.size(), -1);
    node.output_quantizer = node.weight_quantizer = node.bias_quantizer = -1;
    rules_of_.emplace_back();
    if (node.op == Op::input) return;
    if (owner(node).empty()) {
      rules_of_.back().output = "a function call without a module";
      return;
    }
    NodeRules& rules = rules_of_.back();
    rules = {named(switches.input), named(switches.output), named(switches.weight), named(switches.bias)};
    if (switches.input.on)
      for (std::size_t i = 0; i < node.inputs.size(); ++i)
        node.input_quantizers[i] = feed(activation(QuantizerRole::input, node, switches.input),
                                        graph_.nodes[static_cast<std::size_t>(node.inputs[i])].onnx_output);
    if (has_quantized_parameters(node)) {
      if (switches.weight.on)
        node.weight_quantizer = feed(parameter(node, "weight", switches.weight), node.onnx_weight);
      if (switches.bias.on && !node.bias.shape().empty())
        node.bias_quantizer = feed(parameter(node, "bias", switches.bias), node.onnx_bias);
    } else {
      rules.weight = rules.bias = "parameters of this operator stay float here";
      if (rules_.constant_operands && (settings_.model_input || switches.input.on))
        place_operands(node, switches.input);
    }
    if (switches.output.on) {
      Quantizer output = activation(QuantizerRole::output, node, switches.output);
      // Two quantizers with one grid, one behind the other, are one.
      if (!node.inner.empty()) output.aliases = {node.inner + ":output"};
      node.output_quantizer = feed(std::move(output), node.onnx_output);
    }
  }

  /// aimet-onnx has a quantizer at every tensor of floats that an operator reads. Those of constants are set as those
  /// of activations, and switched on with the network's input.
  void place_operands(Node& node, QuantizerSwitch state) {
    state.rule = "model_input, constants too";
    NodeRules& rules = rules_of_.back();
    if (!node.onnx_weight.empty()) {
      node.weight_quantizer = feed(operand(node, "weight", state), node.onnx_weight);
      rules.weight = named(state);
    }
    if (!node.onnx_bias.empty()) {
      node.bias_quantizer = feed(operand(node, "bias", state), node.onnx_bias);
      rules.bias = named(state);
    }
    for (std::size_t i = 0; i < node.onnx_numbers.size(); ++i) {
      Quantizer number = operand(node, i == 0 ? "constant" : "constant[" + std::to_string(i) + "]", state);
      number.number = node.onnx_numbers[i].value;
      number.tensors = {node.onnx_numbers[i].tensor};
      number.call_sites = 1;
      numbers_.push_back(std::move(number));
    }
  }

  bool has_quantized_parameters(const Node& node) const {
    if (is_norm(node)) return rules_.norm_parameters != NormParameters::stay_float;
    return node.op == Op::conv || node.op == Op::linear || node.op == Op::conv_transpose;
  }

  static bool is_norm(const Node& node) {
    return node.op == Op::layer_norm || (node.op == Op::batch_norm && !node.from_constants);
  }

  std::string named(const QuantizerSwitch& state) const { return settings_.name + ", " + state.rule; }

  Quantizer activation(QuantizerRole role, const Node& node, const QuantizerSwitch& state) const {
    Quantizer quantizer = common(node, state, recipe_.activation_bits);
    quantizer.role = role;
    quantizer.float16 = recipe_.activation_float16;
    if (!state.constraint || quantizer.float16) return quantizer;
    quantizer.fixed_min = state.constraint->min;
    quantizer.fixed_max = state.constraint->max;
    // AIMET keeps the two ends of such a range apart equally.
    if (quantizer.fixed_max == -*quantizer.fixed_min) quantizer.symmetric = true;
    return quantizer;
  }

  Quantizer operand(const Node& node, const std::string& which, const QuantizerSwitch& state) const {
    Quantizer quantizer = common(node, state, recipe_.activation_bits);
    quantizer.role = QuantizerRole::param;
    quantizer.parameter = which;
    quantizer.operand = true;
    quantizer.float16 = recipe_.activation_float16;
    return quantizer;
  }

  Quantizer parameter(const Node& node, const std::string& which, const QuantizerSwitch& state) const {
    Quantizer quantizer = common(node, state, recipe_.param_bits);
    quantizer.role = QuantizerRole::param;
    quantizer.parameter = which;
    quantizer.float16 = recipe_.param_float16;
    quantizer.per_channel = state.per_channel && !quantizer.float16;
    if (node.op == Op::conv_transpose && which == "weight") quantizer.channel_axis = 1;
    quantizer.transposed = node.onnx_transposed && which == "weight";
    if (is_norm(node)) set_norm_grid(node, quantizer);
    return quantizer;
  }

  /// Source: AIMET 2.42, _apply_exception_rules of either quantsim.py.
  void set_norm_grid(const Node& node, Quantizer& quantizer) const {
    if (quantizer.float16) return;
    const bool as_configured = rules_.norm_parameters == NormParameters::as_configured;
    if (as_configured && (node.op != Op::layer_norm || quantizer.parameter != "weight")) return;
    if (!as_configured) {
      const std::string& version = settings_.hw_version;
      const bool eight = version == "V66" || version == "V68" || version == "V69";
      quantizer.bits = eight ? 8 : std::max(quantizer.bits, 8);
    }
    quantizer.symmetric = quantizer.bits >= 16;
  }

  Quantizer common(const Node& node, const QuantizerSwitch& state, int bits) const {
    Quantizer quantizer;
    quantizer.module = owner(node);
    quantizer.bits = bits;
    quantizer.symmetric = state.symmetric;
    quantizer.strict_symmetric = settings_.strict_symmetric;
    quantizer.unsigned_symmetric = settings_.unsigned_symmetric;
    quantizer.rule = named(state);
    return quantizer;
  }

  /// The index of the quantizer with this key, made at its first call site. `tensor` is the ONNX name, if there is one.
  int feed(Quantizer quantizer, const std::string& tensor) {
    const auto [found, fresh] = by_key_.try_emplace(quantizer.key(), static_cast<int>(graph_.quantizers.size()));
    if (fresh) graph_.quantizers.push_back(std::move(quantizer));
    Quantizer& placed = graph_.quantizers[static_cast<std::size_t>(found->second)];
    ++placed.call_sites;
    if (!tensor.empty() && std::find(placed.tensors.begin(), placed.tensors.end(), tensor) == placed.tensors.end())
      placed.tensors.push_back(tensor);
    return found->second;
  }

  /// Placing again replaces: only the last placement counts.
  void record_pass() {
    const std::string prefix = "quantsim/1 ";
    std::erase_if(graph_.passes, [&](const std::string& pass) { return pass.rfind(prefix, 0) == 0; });
    std::string pass = prefix + recipe_.identity();
    const auto along_axis_1 = [](const Quantizer& q) { return q.per_channel && q.channel_axis == 1; };
    if (std::any_of(graph_.quantizers.begin(), graph_.quantizers.end(), along_axis_1)) pass += " conv_transpose_axis=1";
    graph_.passes.push_back(pass + later_rules());
  }

  /// Rules that came after the first stored runs, where they change something: other keys stay as they are.
  std::string later_rules() const {
    const auto any = [&](const auto& fits) {
      return std::any_of(graph_.quantizers.begin(), graph_.quantizers.end(), fits);
    };
    std::string text;
    if (std::any_of(graph_.nodes.begin(), graph_.nodes.end(),
                    [](const Node& node) { return is_norm(node) && node.weight_quantizer >= 0; }))
      text += " norm_parameters=quantized";
    const bool searches = recipe_.mode == NumericsMode::aimet_onnx_2 && recipe_.scheme != QuantScheme::tf;
    if (any([&](const Quantizer& q) {
          return recipe_.mode == NumericsMode::aimet_torch_2 ? q.fixed_min || q.fixed_max
                                                             : searches && q.fixed_min && !q.fixed_max;
        }))
      text += " fixed_ends=2.42";
    if (has_ties_) text += " ties=aimet-onnx";
    if (any([](const Quantizer& q) { return q.operand; })) text += " constants=quantized";
    return text;
  }

  bool keeps_grid(const Node& node) const {
    const auto& types = rules_.pass_through;
    const auto off = settings_.op_types.find(std::string(operator_type(node)));
    return std::find(types.begin(), types.end(), operator_type(node)) != types.end() ||
           (off != settings_.op_types.end() && !off->second.output.value_or(true));
  }

  void report_functional_calls() {
    std::map<std::string, std::vector<std::string>> names;
    for (const Node& node : graph_.nodes)
      if (node.op != Op::input && owner(node).empty() && !keeps_grid(node))
        names[op_name(node.op)].push_back(node.name);
    for (const auto& [op, sites] : names) {
      remarks_.push_back(
          "outputs of " + std::to_string(sites.size()) + " function calls of " + op +
          " are not quantized, because AIMET quantizes modules alone; on a device they are, so the score "
          "may flatter: " +
          listed_names(sites));
    }
  }

  void report_unfolded() {
    for (const Node& node : graph_.nodes)
      if (node.op == Op::batch_norm && node.weight_quantizer < 0)
        remarks_.push_back("batch norm '" + node.name + "' is not folded: its parameters are not quantized");
  }

  void add_rows(const Node& node, const NodeRules& rules, std::vector<TensorRule>& rows) const {
    if (node.op == Op::input) return;
    const std::string name = owner(node).empty() ? node.name : owner(node);
    for (const int input : node.input_quantizers)
      if (input >= 0) rows.push_back({name + ":input", input, rules.input});
    if (!node.weight.shape().empty()) rows.push_back({name + ".weight", node.weight_quantizer, rules.weight});
    if (!node.bias.shape().empty()) rows.push_back({name + ".bias", node.bias_quantizer, rules.bias});
    rows.push_back({name + ":output", node.output_quantizer, rules.output});
  }

  Graph& graph_;
  const QuantRecipe& recipe_;
  const QuantsimSettings settings_;
  const QuantsimRules& rules_;
  const QuantizerOwner owner_;
  std::map<std::string, int> by_key_;  ///< index in Graph::quantizers
  std::vector<NodeRules> rules_of_;    ///< by node
  std::vector<Quantizer> numbers_;     ///< which no node holds: nothing is computed with them
  std::vector<std::string> remarks_;
  bool has_ties_ = false;
};

void check_bits(const char* what, int bits, bool float16) {
  if (bits < 2 || bits > 16)
    throw UsageError(std::string(what) + " is " + std::to_string(bits) + ", but must be from 2 to 16");
  if (float16 && bits != 16)
    throw UsageError(std::string(what) + " is " + std::to_string(bits) + ", but data type float has 16");
}

}  // namespace

std::string QuantRecipe::identity() const {
  std::ostringstream out;
  out << "mode=" << mode_name(mode) << " scheme=" << scheme_name(scheme) << " param_bits=" << param_bits
      << " param_symmetric=" << param_symmetric << " per_channel=" << per_channel
      << " activation_bits=" << activation_bits << " activation_symmetric=" << activation_symmetric
      << " quantize_input=" << quantize_input << " quantize_bias=" << quantize_bias
      << " share_module_quantizers=" << share_module_quantizers;
  if (config) out << " config=" << Sha256().add_bytes(config->identity()).hex();
  // Only where they count, so that the keys of other stored runs stay as they are.
  if (!is_before_2(mode)) out << " weights=2.42";
  if (param_float16) out << " param=float16";
  if (activation_float16) out << " activation=float16";
  if (param_block_size != 0) out << " per_block=" << param_block_size;
  for (const std::string& module : block_modules) out << " block_module=" << module;
  if (scheme == QuantScheme::percentile) out << " percentile=" << std::setprecision(17) << percentile;
  return out.str();
}

std::vector<std::string> place_quantizers(Graph& graph, const QuantRecipe& recipe, std::vector<TensorRule>* tensors) {
  check_bits("param_bits", recipe.param_bits, recipe.param_float16);
  check_bits("activation_bits", recipe.activation_bits, recipe.activation_float16);
  Placement placement(graph, recipe);
  std::vector<std::string> remarks = placement.run();
  if (tensors) *tensors = placement.tensors();
  return remarks;
}

}  // namespace qeval
