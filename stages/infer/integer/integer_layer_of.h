#pragma once
/// The integer layer that a convolution or linear node becomes. Thread-safety: free function.
#include <string>
#include <variant>

#include "stages/infer/integer/integer_layer.h"
#include "stages/quant/arithmetic/exact_sums.h"

namespace qeval {

/// Slots, summand, limits and the output's grid are the caller's to fill. A text: why there is none.
std::variant<IntegerLayer, std::string> integer_layer_of(const Graph& graph, const Node& node,
                                                         const EncodingTable& encodings, NumericsMode mode);

}  // namespace qeval
