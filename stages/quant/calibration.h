#pragma once
/// The steps of calibration around an executor's observation: parameters are encoded first, from the whole tensor;
/// activations are observed batch by batch on the parameter-quantized network; then their encodings are computed.
/// Thread-safety: free functions.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/analyzers/observer_bank.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval {

/// Encodings of all parameter quantizers, and of activations whose range has both ends fixed; the other entries are
/// empty.
EncodingTable encodings_without_images(const Graph& graph, const QuantRecipe& recipe);

/// Those that are applied while activations are observed: constant operands pass like the activations.
EncodingTable encodings_while_observing(const Graph& graph, EncodingTable table);

/// An activation quantizer's encoding depends on what it sees: it is neither half precision, nor are both ends of its
/// range fixed.
bool learns_from_images(const Quantizer& quantizer);

/// ObserverBank's constructor argument: how often each activation quantizer is fed per batch; 0 for parameters.
std::vector<int> activation_call_sites(const Graph& graph);

/// ObserverBank's constructor argument: the recipe's scheme, but minimum and maximum where what is seen does not count,
/// and where one end of the range is fixed, except in mode aimet-onnx-2.
std::vector<QuantScheme> activation_schemes(const Graph& graph, const QuantRecipe& recipe);

/// Fills the activation entries of `table` from what `bank` has seen; fixed ends of ranges replace what was seen.
/// With them the scales of weights are final, see overflow_protection.h.
/// Returns the keys of quantizers without data, whose entries stay empty unless both ends are fixed.
std::vector<std::string> add_activation_encodings(const Graph& graph, const QuantRecipe& recipe,
                                                  const ObserverBank& bank, EncodingTable& table);

}  // namespace qeval
