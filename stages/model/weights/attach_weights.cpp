#include "stages/model/weights/attach_weights.h"

#include <set>
#include <vector>

#include "pipeline/base/errors.h"
#include "pipeline/base/listed_names.h"
#include "stages/model/remove_nodes.h"
#include "stages/model/weights/state_dict_names.h"

namespace qeval {
namespace {

constexpr std::size_t most_names = 10;

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::string problem_list(const char* title, const std::vector<std::string>& entries) {
  if (entries.empty()) return "";
  return "\n  " + std::string(title) + " (" + std::to_string(entries.size()) +
         "): " + listed_names(entries, most_names);
}

/// Those of the architecture, and the biases that folded convolutions have.
std::set<std::string> accepted_names(Graph& graph) {
  std::set<std::string> names;
  for (Node& node : graph.nodes) {
    for_each_parameter(node, [&](const std::string& name, Tensor&) { names.insert(name); });
    if (node.op == Op::conv) names.insert(node.module + ".bias");
  }
  return names;
}

struct FoldedNorms {
  std::set<int> nodes;                                  ///< without tensors, and their convolutions have biases
  std::vector<std::string> with_bias, whole, vanished;  ///< their convolutions; norms that are there; neither
};

/// Only of norms right behind a convolution: no other can be folded into a layer's bias by itself.
FoldedNorms folded_norms(Graph& graph, const std::map<std::string, Tensor>& tensors) {
  FoldedNorms norms;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    if (node.op != Op::batch_norm) continue;
    const Node& producer = graph.nodes[static_cast<std::size_t>(node.inputs[0])];
    if (producer.op != Op::conv) continue;
    bool present = false;
    for_each_parameter(node, [&](const std::string& name, Tensor&) { present = present || tensors.count(name) != 0; });
    const std::string bias = producer.module + ".bias";
    if (present) {
      norms.whole.push_back(node.module);
    } else if (tensors.count(bias) == 0) {
      norms.vanished.push_back(bias);
    } else {
      norms.with_bias.push_back(bias);
      norms.nodes.insert(static_cast<int>(i));
    }
  }
  return norms;
}

/// Half a folded network is two networks put together, or one with a part lost: its numbers would look like any
/// other's.
void check_all_folded(const Graph& graph, const FoldedNorms& norms) {
  if (norms.nodes.empty() || (norms.whole.empty() && norms.vanished.empty())) return;
  throw InputError("the weights do not fit the architecture '" + graph.arch +
                   "': some of its batch norms are folded into their convolutions and some are not:" +
                   problem_list("folded", norms.with_bias) + problem_list("not folded", norms.whole) +
                   problem_list("neither the batch norm nor the bias it leaves is there", norms.vanished) +
                   "\n  give the state dict of one network, with all of them folded or none");
}

/// Leaves out the batch norms that the file has folded and gives their convolutions a bias of known shape. Returns how
/// many they were.
std::size_t leave_out_folded(Graph& graph, const std::map<std::string, Tensor>& tensors) {
  const FoldedNorms norms = folded_norms(graph, tensors);
  check_all_folded(graph, norms);
  for (const int norm : norms.nodes) {
    Node& producer = graph.nodes[static_cast<std::size_t>(graph.nodes[static_cast<std::size_t>(norm)].inputs[0])];
    producer.bias = Tensor({producer.weight.size(0)}, std::shared_ptr<const float>());
  }
  remove_nodes(graph, norms.nodes);
  if (!norms.nodes.empty())
    graph.passes.push_back("batch norms folded in the weights file: " + std::to_string(norms.nodes.size()));
  return norms.nodes.size();
}

struct Attachment {
  const std::map<std::string, Tensor>& tensors;
  std::set<std::string> used;
  std::vector<std::string> missing, misshapen;

  void fill(const std::string& name, Tensor& tensor) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) {
      missing.push_back(name);
      return;
    }
    used.insert(name);
    if (found->second.shape() == tensor.shape())
      tensor = found->second;
    else
      misshapen.push_back(name + " is " + shape_text(found->second.shape()) + ", expected " +
                          shape_text(tensor.shape()));
  }

  std::vector<std::string> unexpected() const {
    std::vector<std::string> names;
    for (const auto& entry : tensors)
      if (used.count(entry.first) == 0) names.push_back(entry.first);
    return names;
  }
};

}  // namespace

void for_each_parameter(Node& node, const std::function<void(const std::string&, Tensor&)>& visit) {
  const auto offer = [&](const char* suffix, Tensor& tensor) {
    if (!tensor.shape().empty()) visit(node.module + suffix, tensor);
  };
  if (!node.weight_name.empty())
    visit(node.weight_name, node.weight);
  else
    offer(".weight", node.weight);
  offer(".bias", node.bias);
  offer(".running_mean", node.mean);
  offer(".running_var", node.variance);
}

std::string attach_weights(Graph& graph, const std::map<std::string, Tensor>& given) {
  auto [tensors, remark] = fit_names(given, accepted_names(graph));
  if (const std::size_t folded = leave_out_folded(graph, tensors); folded > 0)
    remark += (remark.empty() ? "" : "; ") + std::string("batch norms folded into their convolutions: ") +
              std::to_string(folded);
  Attachment attachment{tensors, {}, {}, {}};
  for (Node& node : graph.nodes)
    for_each_parameter(node, [&](const std::string& name, Tensor& tensor) { attachment.fill(name, tensor); });
  const std::string problems = problem_list("missing", attachment.missing) +
                               problem_list("unexpected", attachment.unexpected()) +
                               problem_list("wrong shape", attachment.misshapen);
  if (!problems.empty()) throw InputError("the weights do not fit the architecture '" + graph.arch + "':" + problems);
  return remark;
}

}  // namespace qeval
