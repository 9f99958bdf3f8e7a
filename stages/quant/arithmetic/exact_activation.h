#pragma once
/// Functions of one value with the same bits on every processor: what the executors that add whole numbers compute,
/// where ATen's vectorized functions differ in their last bits.
///
/// Each is computed in double by the C library and rounded to f32 once; sums, products, quotients, roots and what picks
/// one of two values are f32 operations, as ATen's. (Processors may differ in the last bit of the library's double; one
/// in 2^28 of them lies so near the middle of two floats that it would show.) Thread-safety: free functions.
#include <optional>
#include <span>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

/// The operator is a function of one value that has no parameter per channel.
bool is_value_function(Op op);

/// Of such a node. A NaN stays one.
float exact_activation(const Node& node, float x);

/// A function of values on a grid, given for each of them.
struct ExactTable {
  int input_quantizer = -1;  ///< whose grid the input is on
  float scale = 1, first = 0;
  std::vector<float> values;  ///< of (first + i) · scale
};

/// Functions that ATen computes differently on different processors.
bool may_have_exact_table(const Node& node);

/// Absent for any other operator, and where the input is on no grid of at most 2^16 codes (grid_of_whole_input):
/// then the node is computed as usual. Errors: as make_qdq.
std::optional<ExactTable> exact_table(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                      NumericsMode mode);

/// out[i] = the function of in[i], or of the nearest number on the grid; a NaN stays one. in and out may be the same
/// memory.
void look_up(std::span<const float> in, std::span<float> out, const ExactTable& table);

}  // namespace qeval
