#include "stages/quant/arithmetic/exact_sums.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "pipeline/base/errors.h"
#include "stages/model/node_shapes.h"
#include "stages/quant/arithmetic/histogram.h"
#include "stages/quant/arithmetic/quantize.h"

namespace qeval {
namespace {

constexpr double largest_f32_sum = 1 << 24, largest_s32_sum = 2147483647;

bool moves_values_only(Op op) {
  switch (op) {
    case Op::pad:
    case Op::max_pool:
    case Op::flatten:
    case Op::reshape:
    case Op::permute:
    case Op::slice:
    case Op::channel_shuffle:
    case Op::dropout: return true;
    default: return false;
  }
}

bool moves_channels(Op op) { return op == Op::gather || op == Op::subsample_pad_channels; }

bool same_grid(const Encoding& a, const Encoding& b) {
  return a.min == b.min && a.max == b.max && a.scale == b.scale && a.offset == b.offset && a.bits == b.bits &&
         is_strict_symmetric(a) == is_strict_symmetric(b) && a.float16 == b.float16;
}

/// The quantizer whose grid a value is on, by way of operators that move values only.
class GridSearch {
 public:
  GridSearch(const Graph& graph, const EncodingTable& encodings, bool joins)
      : graph_(graph), encodings_(encodings), joins_(joins) {}

  int of_input(const Node& node, std::size_t number) const {
    const int own = number < node.input_quantizers.size() ? node.input_quantizers[number] : -1;
    if (is_on(own, encodings_)) return own;
    const Node& producer = graph_.nodes[static_cast<std::size_t>(node.inputs[number])];
    if (is_on(producer.output_quantizer, encodings_)) return producer.output_quantizer;
    if (producer.op == Op::concat && joins_) return of_all_inputs(producer);
    const bool moves = moves_values_only(producer.op) || (joins_ && moves_channels(producer.op));
    return moves ? of_input(producer, 0) : -1;
  }

 private:
  const EncodingList& list(int quantizer) const { return encodings_[static_cast<std::size_t>(quantizer)]; }

  /// That of the first, if the others' are the same.
  int of_all_inputs(const Node& concat) const {
    const int first = of_input(concat, 0);
    for (std::size_t i = 1; i < concat.inputs.size() && first >= 0; ++i) {
      const int other = of_input(concat, i);
      if (other < 0 || list(other).size() != 1 || list(first).size() != 1) return -1;
      if (!same_grid(list(first).front(), list(other).front())) return -1;
    }
    return first;
  }

  const Graph& graph_;
  const EncodingTable& encodings_;
  const bool joins_;  ///< goes through concat, where all grids are equal, and moves_channels
};

/// Zero is one of the grid's values, and all are whole numbers of steps.
bool is_whole(const QdqParameters& p) {
  return !p.float16 && p.offset == std::rint(p.offset) && p.offset <= 0 && p.offset + p.levels >= 0;
}

/// One output channel after another; `encodings` holds one for all or one for each.
class WholeWeight {
 public:
  WholeWeight(const Tensor& weight, const EncodingList& encodings, NumericsMode mode)
      : channels_(static_cast<std::size_t>(weight.size(0))), whole_(weight.values().size()) {
    const std::size_t run = whole_.size() / channels_;
    std::vector<std::uint32_t> codes(run);
    for (std::size_t c = 0; c < channels_; ++c) {
      const QdqParameters p = make_qdq(encodings[encodings.size() == 1 ? 0 : c], mode);
      fits_ = fits_ && is_whole(p);
      if (scales_.size() < encodings.size()) scales_.push_back(p.scale);
      quantize_codes(weight.values().subspan(c * run, run), codes, p);
      double sum = 0;
      for (std::size_t i = 0; i < run; ++i) {
        whole_[c * run + i] = static_cast<float>(codes[i]) + p.offset;
        sum += std::abs(whole_[c * run + i]);
      }
      largest_sum_ = std::max(largest_sum_, sum);
    }
  }

  bool fits() const { return fits_; }
  double largest_sum() const { return largest_sum_; }  ///< over output channels: of the magnitudes
  const std::vector<float>& scales() const { return scales_; }
  std::vector<float> take() { return std::move(whole_); }

 private:
  std::size_t channels_;
  std::vector<float> whole_, scales_;
  double largest_sum_ = 0;
  bool fits_ = true;
};

/// How many values at most one mean is of.
std::int64_t averaged_values(const Graph& graph, const Node& node) {
  if (node.op == Op::avg_pool) return std::int64_t{node.window.kernel[0]} * node.window.kernel[1];
  const Shape shape = node_shapes(graph)[static_cast<std::size_t>(node.inputs[0])];
  return shape.size() == 3 ? shape[1] * shape[2] : 0;
}

std::optional<ExactSums> exact_mean(const Graph& graph, const Node& node, const WholeGrid& grid) {
  const std::int64_t count = averaged_values(graph, node);
  if (count == 0 || grid.largest() * static_cast<double>(count) > largest_f32_sum) return std::nullopt;
  return ExactSums{grid.quantizer, grid.scale, {}, {grid.scale}, false};
}

}  // namespace

int grid_of_input(const Graph& graph, const Node& node, const EncodingTable& encodings) {
  return GridSearch(graph, encodings, false).of_input(node, 0);
}

int grid_of_whole_input(const Graph& graph, const Node& node, const EncodingTable& encodings) {
  return GridSearch(graph, encodings, true).of_input(node, 0);
}

bool is_mean_of_pixels(const Node& node) {
  if (node.op == Op::reduce_mean) return std::set<int>(node.axes.begin(), node.axes.end()) == std::set<int>{2, 3};
  return node.op == Op::global_avg_pool || node.op == Op::avg_pool;
}

bool may_have_exact_sums(const Node& node, const EncodingTable& encodings) {
  if (is_mean_of_pixels(node)) return true;
  return (node.op == Op::conv || node.op == Op::linear) && is_on(node.weight_quantizer, encodings);
}

std::optional<WholeGrid> whole_grid_of_input(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                             NumericsMode mode) {
  const int quantizer = grid_of_whole_input(graph, node, encodings);
  if (quantizer < 0 || encodings[static_cast<std::size_t>(quantizer)].size() != 1) return std::nullopt;
  const QdqParameters grid = make_qdq(encodings[static_cast<std::size_t>(quantizer)].front(), mode);
  if (!is_whole(grid)) return std::nullopt;
  return WholeGrid{quantizer, grid.scale, grid.offset, grid.levels};
}

std::optional<ExactSums> exact_sums(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                    NumericsMode mode) {
  if (!may_have_exact_sums(node, encodings)) return std::nullopt;
  const auto grid = whole_grid_of_input(graph, node, encodings, mode);
  if (!grid) return std::nullopt;
  if (is_mean_of_pixels(node)) return exact_mean(graph, node, *grid);
  const EncodingList& list = encodings[static_cast<std::size_t>(node.weight_quantizer)];
  // Half precision has no whole numbers; blocks of a sum have scales of their own.
  const bool in_blocks = graph.quantizers[static_cast<std::size_t>(node.weight_quantizer)].block_size != 0;
  if (in_blocks || list.front().float16) return std::nullopt;
  if (list.size() != 1 && static_cast<std::int64_t>(list.size()) != node.weight.size(0)) return std::nullopt;
  if (!all_finite(node.weight.values())) return std::nullopt;

  WholeWeight weight(node.weight, list, mode);
  // Of codes too, which count from 0.
  if (!weight.fits() || grid->levels * weight.largest_sum() > largest_s32_sum) return std::nullopt;
  ExactSums sums{grid->quantizer, grid->scale, {}, {}, grid->largest() * weight.largest_sum() > largest_f32_sum};
  for (const float scale : weight.scales()) sums.scales.push_back(grid->scale * scale);
  sums.weight = Tensor(node.weight.shape(), weight.take());
  return sums;
}

}  // namespace qeval
