#pragma once
/// Convolutions, linear layers and means as sums of whole numbers.
///
/// Where x = s·i and w = t·j with whole i and j, Σ x·w = s·t·Σ i·j, and f32 adds whole numbers up to 2^24 without
/// rounding. So Σ i·j has the same bits in any order, on any processor, and what is done with it afterwards is one
/// operation per element. A layer's sums may be larger, up to 2^31: they are made in wider numbers, and rounded to f32
/// once. AIMET adds the rounded x·w instead; its result differs from this one as it differs from its
/// own under another order of sums: by the last bits, which now and then move a value to the next code. A mean – of a
/// whole image, of a window, over its rows and columns – is f32(Σ i) / n · s, two roundings. Thread-safety: free
/// functions. Errors: as make_qdq.
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

/// The executor kind that computes so; otherwise it is "simulated". Stored, never rename.
inline constexpr const char* exact_executor_kind = "simulated-exact";

/// The same function on integers where a processor can: bit for bit the same, hence the same in keys.
inline constexpr const char* integer_executor_kind = "integer";

inline bool sums_are_exact(std::string_view executor_kind) {
  return executor_kind == exact_executor_kind || executor_kind == integer_executor_kind;
}

struct ExactSums {
  int input_quantizer = -1;   ///< whose grid the input is on
  float input_scale = 1;      ///< s
  Tensor weight;              ///< j, shaped like the node's weight; none of a mean
  std::vector<float> scales;  ///< s·t rounded to f32: one, or one per output channel; s of a mean
  bool wide = false;          ///< a sum may exceed 2^24
};

/// The operator is a mean over rows and columns, whose inputs are images.
bool is_mean_of_pixels(const Node& node);

/// Layers with weights, and means.
bool may_have_exact_sums(const Node& node, const EncodingTable& encodings);

/// The quantizer whose grid the first input of `node` is on, given which quantizers have encodings; −1 if there is
/// none. Zeros that pads add are on each grid.
int grid_of_input(const Graph& graph, const Node& node, const EncodingTable& encodings);

/// The same by way of more operators: what is joined of values on equal grids, and picked of a value. Exact sums ask
/// it.
int grid_of_whole_input(const Graph& graph, const Node& node, const EncodingTable& encodings);

/// The grid of grid_of_whole_input: values are `scale` times the whole numbers offset … offset + levels.
struct WholeGrid {
  int quantizer = -1;
  float scale = 1;
  double offset = 0, levels = 0;
  double largest() const { return std::max(-offset, offset + levels); }  ///< of their magnitudes
};

/// Absent where the input is on none, and where zero is not one of its values.
std::optional<WholeGrid> whole_grid_of_input(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                             NumericsMode mode);

/// Absent for any other operator, where input or weight is on no grid (a NaN or an infinity is on none), and where a
/// layer's sum could exceed 2^31 or a mean's 2^24: then the node is computed as usual. Depends on `encodings` only
/// through the node's weight's and those of grid_of_whole_input.
std::optional<ExactSums> exact_sums(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                    NumericsMode mode);

}  // namespace qeval
