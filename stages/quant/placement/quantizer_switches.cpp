#include "stages/quant/placement/quantizer_switches.h"

#include <algorithm>
#include <utility>

#include "pipeline/base/errors.h"
#include "pipeline/base/listed_names.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/placement/supergroups.h"

namespace qeval {
namespace {

std::string joined(const Graph& graph, const std::vector<int>& nodes) {
  std::string text;
  for (const int node : nodes)
    text += (text.empty() ? "" : "+") + std::string(operator_type(graph.nodes[static_cast<std::size_t>(node)]));
  return text;
}

class Switchboard {
 public:
  Switchboard(const Graph& graph, const QuantsimSettings& settings, const QuantsimRules& rules, QuantizerOwner owner)
      : graph_(graph), settings_(settings), rules_(rules), owner_(owner), users_(consumers(graph)) {
    for (int i = 1; i < size(); ++i)
      if (has_owner(i)) result_.owners[owner_name(i)];
  }

  QuantizerSwitches run() {
    apply_defaults();
    apply_params();
    for (int i = 1; i < size(); ++i) apply_op_type(i);
    apply_supergroups();
    join_batch_norms();
    if (settings_.model_input) apply_model_input();
    if (const int last = size() - 1; settings_.model_output && has_owner(last))
      output(last) = switched(output(last), true, "model_output");
    if (rules_.reused_activation_off) switch_off_reused();
    return std::move(result_);
  }

 private:
  int size() const { return static_cast<int>(graph_.nodes.size()); }
  const Node& node(int index) const { return graph_.nodes[static_cast<std::size_t>(index)]; }
  const std::vector<int>& users(int index) const { return users_[static_cast<std::size_t>(index)]; }
  const std::string& owner_name(int index) const { return owner_of(node(index), owner_); }
  bool has_owner(int index) const { return node(index).op != Op::input && !owner_name(index).empty(); }
  OwnerSwitches& at(int index) { return result_.owners[owner_name(index)]; }
  QuantizerSwitch& output(int index) { return at(index).output; }

  static QuantizerSwitch switched(QuantizerSwitch before, bool on, const std::string& rule) {
    before.on = on;
    before.rule = rule;
    return before;
  }

  bool is_elementwise_call(int index) const {
    const std::string_view type = operator_type(node(index));
    return !has_owner(index) && (type == "Add" || type == "Mul" || type == "Concat" || type == "Div");
  }

  void set_inputs_of_users(int index, bool on, const std::string& rule) {
    for (const int user : users(index))
      if (has_owner(user)) at(user).input = switched(at(user).input, on, rule);
  }

  void set_input_on(int index, const std::string& rule) {
    if (has_owner(index)) {
      at(index).input = switched(at(index).input, true, rule);
    } else if (is_elementwise_call(index)) {
      for (const int producer : node(index).inputs)
        if (has_owner(producer)) output(producer) = switched(output(producer), true, rule);
    }
  }

  void set_output(int index, bool on, const std::string& rule) {
    if (has_owner(index)) output(index) = switched(output(index), on, rule);
    if (!on && (has_owner(index) || is_elementwise_call(index))) return set_inputs_of_users(index, false, rule);
    if (on && is_elementwise_call(index))
      set_inputs_of_users(index, true, rule + ", of the functional " + op_name(node(index).op) + " before it");
  }

  /// Of everything that touches the operator: AIMET sets the neighbours' quantizers of the same tensors too.
  void set_symmetric(int index, bool symmetric) {
    const auto set_readers = [&](int producer) {
      for (const int user : users(producer))
        if (has_owner(user)) at(user).input.symmetric = symmetric;
    };
    for (const int producer : node(index).inputs) {
      if (has_owner(producer)) output(producer).symmetric = symmetric;
      set_readers(producer);
    }
    if (has_owner(index)) output(index).symmetric = symmetric;
    set_readers(index);
  }

  void apply_defaults() {
    for (int i = 1; i < size(); ++i) {
      if (settings_.ops.output.value_or(false)) set_output(i, true, "defaults: outputs are quantized");
      if (settings_.ops.symmetric) set_symmetric(i, *settings_.ops.symmetric);
      if (!has_owner(i)) continue;
      for (QuantizerSwitch* parameter : {&at(i).weight, &at(i).bias}) {
        set_param(*parameter, settings_.all_params, "defaults");
        parameter->per_channel = settings_.per_channel;
      }
    }
  }

  static void set_param(QuantizerSwitch& parameter, const ParamSettings& settings, const std::string& section) {
    if (settings.quantized)
      parameter = switched(parameter, *settings.quantized,
                           section + (*settings.quantized ? ": is quantized" : ": is not quantized"));
    if (settings.symmetric) parameter.symmetric = *settings.symmetric;
  }

  static void set_kinds(OwnerSwitches& switches, const std::map<std::string, ParamSettings>& kinds,
                        const std::string& section) {
    if (const auto weight = kinds.find("weight"); weight != kinds.end())
      set_param(switches.weight, weight->second, section + ".weight");
    if (const auto bias = kinds.find("bias"); bias != kinds.end())
      set_param(switches.bias, bias->second, section + ".bias");
  }

  void apply_params() {
    for (auto& [name, switches] : result_.owners) set_kinds(switches, settings_.params, "params");
  }

  void apply_op_type(int index) {
    std::optional<bool> per_channel;
    for (const std::string_view type : operator_types(node(index))) {
      const auto entry = settings_.op_types.find(std::string(type));
      if (entry != settings_.op_types.end()) {
        apply_operator(index, entry->second, "op_type " + entry->first);
        if (entry->second.per_channel) per_channel = per_channel.value_or(false) || *entry->second.per_channel;
      } else if (keeps_grid(type)) {
        set_output(index, false, "an operator that keeps its input's grid");
      }
    }
    if (per_channel && has_owner(index)) at(index).weight.per_channel = at(index).bias.per_channel = *per_channel;
  }

  bool keeps_grid(std::string_view type) const {
    return std::find(rules_.pass_through.begin(), rules_.pass_through.end(), type) != rules_.pass_through.end();
  }

  void apply_operator(int index, const OperatorSettings& settings, const std::string& section) {
    if (settings.input) set_input_on(index, section + ": its inputs are quantized");
    if (settings.output)
      set_output(index, *settings.output, section + (*settings.output ? ": is quantized" : ": is not quantized"));
    if (settings.symmetric) set_symmetric(index, *settings.symmetric);
    if (has_owner(index)) set_kinds(at(index), settings.params, section + ".params");
    if (settings.constraint) constrain(index, *settings.constraint, section);
  }

  void constrain(int index, const RangeConstraint& range, const std::string& section) {
    if (!rules_.constraints)
      throw UsageError(settings_.name + ", " + section +
                       ": encoding_constraints exist since AIMET 2; set quantization.mode: aimet-torch-2, or remove "
                       "them");
    if (has_owner(index)) {
      output(index).constraint = range;
    } else if (is_elementwise_call(index)) {
      for (const int user : users(index))
        if (has_owner(user)) at(user).input.constraint = range;
    }
  }

  void apply_supergroups() {
    for (const std::vector<int>& group : find_supergroups(graph_, settings_.supergroups, rules_)) {
      const std::string rule = "supergroup " + joined(graph_, group) + ": only the last output";
      for (std::size_t i = 0; i < group.size(); ++i) {
        if (!has_owner(group[i])) continue;
        OwnerSwitches& switches = at(group[i]);
        const bool last = i + 1 == group.size();
        if (i > 0) switches.input = switched(switches.input, false, rule);
        if (!last) switches.output = switched(switches.output, false, rule);
        if (last && switches.output.on) switches.output.rule = rule;
      }
    }
  }

  /// A batch norm that folds takes the place of its convolution's output.
  void join_batch_norms() {
    const std::vector<int> producers = foldable_producers(graph_);
    for (int i = 1; i < size(); ++i) {
      const int producer = producers[static_cast<std::size_t>(i)];
      if (producer < 0 || !has_owner(producer) || !has_owner(i)) continue;
      OwnerSwitches& norm = at(i);
      norm.output = switched(norm.output, output(producer).on, output(producer).rule);
      norm.input = switched(norm.input, false, "part of " + owner_name(producer));
      output(producer) = switched(output(producer), false, "batch norm " + owner_name(i) + " belongs to it");
    }
  }

  void apply_model_input() {
    for (const int user : users(0)) {
      if (has_owner(user))
        at(user).input = switched(at(user).input, true, "model_input");
      else
        result_.remarks.push_back("the model input goes into '" + node(user).name +
                                  "', a function call without a module: it is not quantized there");
    }
  }

  void switch_off_reused() {
    std::map<std::string, int> calls;
    for (int i = 1; i < size(); ++i)
      if (has_owner(i) && node(i).weight.shape().empty()) ++calls[owner_name(i)];
    std::vector<std::string> left_out;
    for (const auto& [name, count] : calls) {
      QuantizerSwitch& reused = result_.owners[name].output;
      if (count < 2 || !reused.on) continue;
      reused = switched(reused, false, "a module that is called " + std::to_string(count) + " times");
      left_out.push_back(name);
    }
    if (left_out.empty()) return;
    result_.remarks.push_back(
        "WARNING: outputs of modules that are called more than once are NOT quantized, as "
        "aimet-torch 2 leaves them in a model that was not prepared; quantize every call with "
        "share_module_quantizers: false. Modules: " +
        listed_names(left_out));
  }

  const Graph& graph_;
  const QuantsimSettings& settings_;
  const QuantsimRules& rules_;
  const QuantizerOwner owner_;
  const std::vector<std::vector<int>> users_;
  QuantizerSwitches result_;
};

}  // namespace

QuantizerSwitches apply_quantsim_settings(const Graph& graph, const QuantsimSettings& settings,
                                          const QuantsimRules& rules, QuantizerOwner owner) {
  return Switchboard(graph, settings, rules, owner).run();
}

}  // namespace qeval
