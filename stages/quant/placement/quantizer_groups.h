#pragma once
/// Quantizers that a sensitivity analysis switches together, and what switching them touches.
/// Thread-safety: free functions.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"

namespace qeval {

/// Indices into Graph::quantizers.
using QuantizerIndices = std::vector<int>;

enum class GroupKind { weights, activations };
const char* group_kind_name(GroupKind kind);  ///< "weights", "activations": stored, never rename

/// A module's weight and bias quantizers, or its input and output quantizers.
struct QuantizerGroup {
  std::string module;
  GroupKind kind = GroupKind::weights;
  QuantizerIndices quantizers;
  int first_node = 0;                      ///< the first node that switching the group changes
  std::vector<std::string> shared_with{};  ///< other modules that a quantizer of the group belongs to, too
};

/// Ordered by first node, then weights before activations. Quantizers without an encoding are off and in no group.
std::vector<QuantizerGroup> quantizer_groups(const Graph& graph, const EncodingTable& encodings);

/// The first node that uses one of `quantizers`. InternalError if none does.
int first_changed_node(const Graph& graph, const QuantizerIndices& quantizers);

/// UsageError with a suggestion unless a quantizer belongs to the module.
void check_has_quantizers(const Graph& graph, const std::string& module);

struct RemovedQuantizers {
  std::vector<int> new_index;        ///< what became of every quantizer's index, −1 = switched off
  std::vector<std::string> remarks;  ///< what went off with a named module although its own module is not named
};

/// Switches every quantizer of the named modules off, as if it had never been placed; Graph::passes names them. A
/// quantizer that several modules share goes off by the name of any of them.
/// UsageError with a suggestion for a module without quantizers.
RemovedQuantizers remove_quantizers(Graph& graph, const std::vector<std::string>& modules);

}  // namespace qeval
