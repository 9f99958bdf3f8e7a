#include "stages/infer/simulated_sensitivity.h"

#include <ATen/TensorOperators.h>

#include "pipeline/errors.h"
#include "stages/infer/activation_quantizers.h"
#include "stages/infer/torch_runtime.h"

namespace qeval {
namespace {

/// Which quantizers are on, and for every node whether its parameters are quantized.
struct Switches {
  std::vector<bool> quantizers, quantized_parameters;
};

class SwitchedPort : public QuantizerPort {
 public:
  SwitchedPort(ActivationQuantizers& all, const std::vector<bool>& on) : all_(all), on_(on) {}
  at::Tensor pass(int quantizer, at::Tensor tensor) override {
    return is_on(quantizer) ? all_.pass(quantizer, std::move(tensor)) : tensor;
  }
  bool makes_redundant(int quantizer, Op activation) const override {
    return is_on(quantizer) && all_.makes_redundant(quantizer, activation);
  }

 private:
  bool is_on(int quantizer) const { return on_[static_cast<std::size_t>(quantizer)]; }
  ActivationQuantizers& all_;
  const std::vector<bool>& on_;
};

/// Parameter quantizers of a node that have encodings.
std::vector<int> parameter_quantizers(const Node& node, const EncodingTable& encodings) {
  std::vector<int> found;
  for (const int q : {node.weight_quantizer, node.bias_quantizer})
    if (q >= 0 && !encodings[static_cast<std::size_t>(q)].empty()) found.push_back(q);
  return found;
}

Switches make_switches(const Graph& graph, const EncodingTable& encodings, std::vector<bool> on) {
  Switches switches{std::move(on), {}};
  for (const Node& node : graph.nodes) {
    std::size_t quantized = 0;
    const auto parameters = parameter_quantizers(node, encodings);
    for (const int q : parameters) quantized += switches.quantizers[static_cast<std::size_t>(q)];
    if (quantized != 0 && quantized != parameters.size())
      throw InternalError("node " + node.name + ": its parameter quantizers are not in one group");
    switches.quantized_parameters.push_back(quantized != 0);
  }
  return switches;
}

/// All quantizers `others`, those of the group the opposite.
Switches group_switches(const Graph& graph, const EncodingTable& encodings, const QuantizerIndices& group,
                        bool others) {
  std::vector<bool> on(graph.quantizers.size(), others);
  for (const int q : group) on[static_cast<std::size_t>(q)] = !others;
  return make_switches(graph, encodings, std::move(on));
}

std::vector<double> per_image_squares(const at::Tensor& values) {
  const at::Tensor sums = values.flatten(1).to(at::kDouble).square().sum(1).cpu().contiguous();
  const double* data = sums.const_data_ptr<double>();
  return {data, data + sums.numel()};
}

class SimulatedSensitivity : public SensitivityExecutor {
 public:
  SimulatedSensitivity(const Graph& graph, const EncodingTable& encodings, const std::vector<QuantizerIndices>& groups,
                       SensitivityMode sensitivity_mode, NumericsMode mode, const at::Device& device)
      : all_but_one_(sensitivity_mode == SensitivityMode::all_but_one),
        float_parameters_(graph, ParameterQuantization{EncodingTable(graph.quantizers.size()), mode}, device),
        quantized_parameters_(graph, ParameterQuantization{encodings, mode}, device),
        quantizers_(graph, encodings, mode),
        none_(make_switches(graph, encodings, std::vector<bool>(graph.quantizers.size(), false))),
        all_(make_switches(graph, encodings, std::vector<bool>(graph.quantizers.size(), true))),
        starting_(graph.nodes.size()) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      starting_[static_cast<std::size_t>(first_changed_node(graph, groups[g]))].push_back(g);
      alone_.push_back(group_switches(graph, encodings, groups[g], false));
      without_.push_back(group_switches(graph, encodings, groups[g], true));
    }
  }

  SensitivityBatch measure(std::span<const float> images, int n) const override {
    return run_in_torch("sensitivity pass failed", [&] { return measure_batch(images, n); });
  }

 private:
  SensitivityBatch measure_batch(std::span<const float> images, int n) const {
    SensitivityBatch batch;
    batch.groups.resize(alone_.size());
    Program::Pass plain = float_parameters_.begin(images, n);
    Program::Pass full = plain;
    for (std::size_t node = 0; node < starting_.size(); ++node) {
      const Program::Pass plain_before = starting_[node].empty() ? Program::Pass{} : plain;
      const Program::Pass full_before = starting_[node].empty() || !all_but_one_ ? Program::Pass{} : full;
      step(plain, none_);
      step(full, all_);
      for (const std::size_t g : starting_[node])
        batch.groups[g] = effect(g, plain_before, full_before, plain.latest(), full.latest(), n);
    }
    batch.float_logits = logits(plain, n);
    batch.quantized_logits = logits(full, n);
    return batch;
  }

  GroupEffect effect(std::size_t group, const Program::Pass& plain_before, const Program::Pass& full_before,
                     const at::Tensor& plain, const at::Tensor& full, int n) const {
    Program::Pass alone = plain_before;
    step(alone, alone_[group]);
    GroupEffect effect;
    effect.signal = per_image_squares(plain);
    effect.local_noise = per_image_squares(alone.latest() - plain);
    effect.cumulative_noise = per_image_squares(full - plain);
    if (all_but_one_) {
      alone = {};
      effect.logits = finish(full_before, without_[group], n);
    } else {
      effect.logits = finish(std::move(alone), alone_[group], n);
    }
    return effect;
  }

  std::vector<float> finish(Program::Pass pass, const Switches& switches, int n) const {
    while (pass.next < starting_.size()) step(pass, switches);
    return logits(pass, n);
  }

  void step(Program::Pass& pass, const Switches& switches) const {
    SwitchedPort port(quantizers_, switches.quantizers);
    const bool quantized = switches.quantized_parameters[pass.next];
    (quantized ? quantized_parameters_ : float_parameters_).step(pass, &port);
  }

  std::vector<float> logits(const Program::Pass& pass, int n) const {
    std::vector<float> values(static_cast<std::size_t>(n) *
                              static_cast<std::size_t>(float_parameters_.num_classes()));
    download(pass.latest(), values);
    return values;
  }

  bool all_but_one_;
  Program float_parameters_, quantized_parameters_;
  mutable ActivationQuantizers quantizers_;  // pass() is stateless; the port's interface serves observers too
  Switches none_, all_;
  std::vector<std::vector<std::size_t>> starting_;  ///< per node the groups that begin there
  std::vector<Switches> alone_, without_;           ///< per group
};

}  // namespace

std::unique_ptr<SensitivityExecutor> make_simulated_sensitivity(const Graph& graph, const EncodingTable& encodings,
                                                                const std::vector<QuantizerIndices>& groups,
                                                                SensitivityMode sensitivity_mode, NumericsMode mode,
                                                                const at::Device& device) {
  if (encodings.size() != graph.quantizers.size())
    throw UsageError("the network has " + std::to_string(graph.quantizers.size()) + " quantizers, got encodings for " +
                     std::to_string(encodings.size()));
  return run_in_torch("cannot prepare " + graph.arch, [&] {
    return std::make_unique<SimulatedSensitivity>(graph, encodings, groups, sensitivity_mode, mode, device);
  });
}

}  // namespace qeval
