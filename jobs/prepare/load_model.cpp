#include "jobs/prepare/load_model.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/model/arch/arch.h"
#include "stages/model/onnx/import_onnx.h"

namespace qeval {
namespace {

std::int64_t parameter_count(const Graph& graph) {
  std::int64_t count = 0;
  for (const Node& node : graph.nodes)
    for (const Tensor* tensor : {&node.weight, &node.bias})
      if (tensor->defined()) count += tensor->numel();
  return count;
}

struct LoadedFile {
  std::string format, sha256;
  std::int64_t bytes = 0;
};

/// What the importer says of the job is said of its parameters.
OnnxModel import_as_declared(const ModelSpec& spec, WeightsFiles& files) {
  if (!spec.state_dict.empty())
    throw UsageError("model.state_dict: an ONNX file is a network of its own and no checkpoint; remove the key");
  try {
    return import_onnx(spec.weights, spec.parameters, files);
  } catch (const ArchParameterError& error) {
    throw UsageError("model.parameters." + error.parameter() + ": " + error.what());
  }
}

/// Which dictionary of a checkpoint is taken changes the weights, but not the file's hash.
void describe_checkpoint(const StateDict& state, const std::string& renamed, PreparedVariant& v) {
  if (!v.spec.model.state_dict.empty()) v.network.chosen_dictionary = state.dictionary;
  if (!state.other_dictionaries.empty())
    v.network.remarks.push_back(
        fmt::format("weights are those under {} of the checkpoint; others are under {} "
                    "(model.state_dict: KEY)",
                    state.dictionary, fmt::join(state.other_dictionaries, ", ")));
  if (!renamed.empty()) v.network.remarks.push_back("in the weights file: " + renamed);
}

/// Fills the graph. The file's hash is known as soon as it was read, whatever is wrong with it.
LoadedFile build_network(PreparedVariant& v) {
  const ModelSpec& spec = v.spec.model;
  if (spec.arch != onnx_arch_name) {
    const StateDict state = read_state_dict(v.weights_files->open(spec.weights), spec.state_dict);
    v.network.model.sha256 = state.sha256;
    v.network.random_weights = state.random;
    std::string renamed;
    v.network.graph = build_graph(spec.arch, spec.parameters, state, &renamed);
    describe_checkpoint(state, renamed, v);
    return {state.format + (state.dictionary.empty() ? "" : ", " + visible_name(state.dictionary)), state.sha256,
            state.file_bytes};
  }
  OnnxModel model = import_as_declared(spec, *v.weights_files);
  v.network.graph = std::move(model.graph);
  v.network.external_files = model.external_files;
  v.network.external_data_sha256 = model.external_sha256;
  v.network.chosen_output = model.output;
  v.network.quantized_in_file = model.quantization.text();
  v.network.precision_in_file = model.quantization.precision();
  return {"onnx", model.sha256, model.file_bytes};
}

}  // namespace

void load_model(PreparedVariant& v) {
  const ModelSpec& spec = v.spec.model;
  const LoadedFile file = build_network(v);
  v.network.model = {spec.weights.filename().string(),
                     spec.arch,
                     file.format,
                     spec.weights.string(),
                     file.sha256,
                     file.bytes,
                     parameter_count(v.network.graph),
                     v.network.graph.num_classes};
}

void check_pin(const ModelSpec& spec, const std::string& sha256) {
  if (!spec.sha256.empty() && spec.sha256 != sha256)
    throw InputError(fmt::format("{}: SHA-256 is {}, but the job pins {}; use the pinned file or change the pin",
                                 visible_name(spec.weights.string()), sha256, spec.sha256));
}

}  // namespace qeval
