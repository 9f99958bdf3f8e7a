#include "stages/infer/simulated_sensitivity.h"

#include <ATen/TensorOperators.h>

#include "stages/infer/activation_quantizers.h"
#include "stages/infer/not_finite_rows.h"
#include "stages/infer/program.h"
#include "stages/infer/torch_runtime.h"

namespace qeval {
namespace {

/// Which quantizers are on, and what every node computes then.
struct Switches {
  std::vector<bool> quantizers;
  Operations operations;
};

class SwitchedPort : public QuantizerPort {
 public:
  SwitchedPort(ActivationQuantizers& all, const std::vector<bool>& on) : all_(all), on_(on) {}
  at::Tensor pass(int quantizer, at::Tensor tensor) override {
    return is_on(quantizer) ? all_.pass(quantizer, std::move(tensor)) : tensor;
  }
  bool loses_nan(int quantizer) const override { return is_on(quantizer) && all_.loses_nan(quantizer); }
  at::Tensor pass_keeping_nan(int quantizer, at::Tensor tensor) override {
    return is_on(quantizer) ? all_.pass_keeping_nan(quantizer, std::move(tensor)) : tensor;
  }
  bool makes_redundant(int quantizer, Op activation) const override {
    return is_on(quantizer) && all_.makes_redundant(quantizer, activation);
  }

 private:
  bool is_on(int quantizer) const { return on_[static_cast<std::size_t>(quantizer)]; }
  ActivationQuantizers& all_;
  const std::vector<bool>& on_;
};

/// Makes switches for one network.
class Switchboard {
 public:
  Switchboard(const Graph& graph, const ParameterQuantization& all, const at::Device& device, at::MemoryFormat order)
      : all_(all), pool_(graph, device, order) {}

  const OperationPool& pool() const { return pool_; }

  Switches all(bool on) { return make(std::vector<bool>(all_.encodings.size(), on)); }

  /// All quantizers `others`, those of the group the opposite.
  Switches group(const QuantizerIndices& group, bool others) {
    std::vector<bool> on(all_.encodings.size(), others);
    for (const int q : group) on[static_cast<std::size_t>(q)] = !others;
    return make(std::move(on));
  }

 private:
  Switches make(std::vector<bool> on) {
    EncodingTable active(all_.encodings.size());
    for (std::size_t q = 0; q < on.size(); ++q)
      if (on[q]) active[q] = all_.encodings[q];
    return {std::move(on), pool_.operations({active, all_.mode, all_.exact_sums})};
  }

  const ParameterQuantization& all_;
  OperationPool pool_;
};

std::vector<double> per_image_squares(const at::Tensor& values) {
  const at::Tensor sums = values.flatten(1).to(at::kDouble).square().sum(1).cpu().contiguous();
  const double* data = sums.const_data_ptr<double>();
  return {data, data + sums.numel()};
}

class SimulatedSensitivity : public SensitivityExecutor {
 public:
  SimulatedSensitivity(const Graph& graph, const ParameterQuantization& all, Switchboard board,
                       const std::vector<QuantizerIndices>& groups, SensitivityMode sensitivity_mode)
      : all_but_one_(sensitivity_mode == SensitivityMode::all_but_one),
        program_(board.pool()),
        quantizers_(graph, all.encodings, all.mode),
        none_(board.all(false)),
        all_(board.all(true)),
        starting_(graph.nodes.size()) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      starting_[static_cast<std::size_t>(first_changed_node(graph, groups[g]))].push_back(g);
      alone_.push_back(board.group(groups[g], false));
      if (all_but_one_) without_.push_back(board.group(groups[g], true));
    }
  }

  SensitivityBatch measure(std::span<const float> images, int n) const override {
    return run_in_torch("sensitivity pass failed", [&] {
      Program::NanWatch nan;
      SensitivityBatch batch = measure_batch(images, n, nan);
      nan.keep = true;
      if (nan.lost) restore_lost_nan(measure_batch(images, n, nan), batch);
      return batch;
    });
  }

  std::string first_not_finite(std::span<const float> images, int n, int image, std::size_t network) const override {
    return run_in_torch("sensitivity pass failed", [&] {
      const Switches& switches = switches_of(network);
      SwitchedPort port(quantizers_, switches.quantizers);
      return program_.first_not_finite(images, n, image, switches.operations, &port);
    });
  }

 private:
  const Switches& switches_of(std::size_t network) const {
    if (network < 2) return network == 0 ? none_ : all_;
    return (all_but_one_ ? without_ : alone_).at(network - 2);
  }

  /// Images that are finite in `kept` keep their bits.
  void restore_lost_nan(const SensitivityBatch& kept, SensitivityBatch& batch) const {
    const auto classes = static_cast<std::size_t>(program_.num_classes());
    take_not_finite_rows(kept.float_logits, classes, batch.float_logits);
    take_not_finite_rows(kept.quantized_logits, classes, batch.quantized_logits);
    for (std::size_t g = 0; g < batch.groups.size(); ++g) {
      const GroupEffect& from = kept.groups[g];
      GroupEffect& to = batch.groups[g];
      take_not_finite_rows(from.logits, classes, to.logits);
      take_not_finite(from.signal, to.signal);
      take_not_finite(from.local_noise, to.local_noise);
      take_not_finite(from.cumulative_noise, to.cumulative_noise);
    }
  }

  SensitivityBatch measure_batch(std::span<const float> images, int n, Program::NanWatch& nan) const {
    SensitivityBatch batch;
    batch.groups.resize(alone_.size());
    Program::Pass plain = program_.begin(images, n, &nan);
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
    effect.node = program_.name(plain_before.next);
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
    program_.step(pass, switches.operations, &port);
  }

  std::vector<float> logits(const Program::Pass& pass, int n) const {
    std::vector<float> values(static_cast<std::size_t>(n) * static_cast<std::size_t>(program_.num_classes()));
    download(pass.latest(), values);
    return values;
  }

  bool all_but_one_;
  Program program_;
  mutable ActivationQuantizers quantizers_;  // pass() is stateless; the port's interface serves observers too
  Switches none_, all_;
  std::vector<std::vector<std::size_t>> starting_;  ///< per node the groups that begin there
  std::vector<Switches> alone_, without_;           ///< per group; without_ in mode all-but-one only
};

}  // namespace

std::unique_ptr<SensitivityExecutor> make_simulated_sensitivity(const Graph& graph,
                                                                const ParameterQuantization& quantization,
                                                                const std::vector<QuantizerIndices>& groups,
                                                                SensitivityMode sensitivity_mode,
                                                                const at::Device& device, at::MemoryFormat order) {
  check_encodings_count(graph, quantization.encodings);
  return run_in_torch("cannot prepare " + graph.arch, [&] {
    return std::make_unique<SimulatedSensitivity>(graph, quantization, Switchboard(graph, quantization, device, order),
                                                  groups, sensitivity_mode);
  });
}

}  // namespace qeval
