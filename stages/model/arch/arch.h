#pragma once
/// The explicit list of architectures. Adding one touches its own file in arch/ and one line in arch.cpp.
/// Errors: UsageError with a did-you-mean for unknown names, ArchParameterError for bad parameters; InputError listing
/// every missing, unexpected or misshapen tensor at once.
#include <map>
#include <string>
#include <vector>

#include "pipeline/base/errors.h"
#include "stages/model/graph.h"
#include "stages/model/weights/state_dict.h"

namespace qeval {

/// What a job may say about an architecture beyond its name; absent keys take the architecture's defaults.
/// ResNet family: block (basic|bottleneck), layers ("3,4,23,3"), groups, width_per_group. All: num_classes, input_size.
using ArchParameters = std::map<std::string, std::string>;

class ArchParameterError : public UsageError {
 public:
  ArchParameterError(std::string parameter, std::string example, const std::string& message)
      : UsageError(message), parameter_(std::move(parameter)), example_(std::move(example)) {}
  const std::string& parameter() const { return parameter_; }
  /// A value that would be taken; empty if the architecture has no such parameter, or lacks one.
  const std::string& example() const { return example_; }

 private:
  std::string parameter_, example_;
};

struct ParameterSpec {
  std::string name;  ///< state-dict name, e.g. "layer1.0.conv1.weight"
  std::vector<std::int64_t> shape;
};

/// Every parameter that an architecture takes, with its default; an empty default means that it must be given.
ArchParameters arch_defaults(const std::string& arch);

/// Names accepted by build_graph, sorted.
std::vector<std::string> arch_names();

/// Names and shapes of the tensors the architecture expects, in module order.
std::vector<ParameterSpec> arch_parameters(const std::string& arch, const ArchParameters& parameters);

/// The graph with zeros for weights, all in one block that takes no memory until it is read: for whoever asks only how
/// it is built.
Graph build_structure(const std::string& arch, const ArchParameters& parameters);

/// The graph with the weights of `state` attached. A state dict whose batch norms were already folded (conv biases
/// present, batch-norm tensors absent) is accepted: those batch norms are left out.
/// `remark`: receives what was renamed or left out, in one line; empty: nothing (state_dict_names.h).
Graph build_graph(const std::string& arch, const ArchParameters& parameters, const StateDict& state,
                  std::string* remark = nullptr);

/// Random weights with sane batch-norm statistics: activations keep unit scale through the network, so that speed and
/// quantization behave as in a trained model. Same seed, same bytes on every machine.
std::map<std::string, Tensor> random_weights(const std::string& arch, const ArchParameters& parameters,
                                             std::uint64_t seed);

}  // namespace qeval
