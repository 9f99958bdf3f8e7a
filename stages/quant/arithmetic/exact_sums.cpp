#include "stages/quant/arithmetic/exact_sums.h"

#include <algorithm>
#include <cmath>

#include "pipeline/base/errors.h"
#include "stages/model/node_shapes.h"
#include "stages/quant/arithmetic/histogram.h"
#include "stages/quant/arithmetic/quantize.h"

namespace qeval {
namespace {

constexpr double largest_exact_sum = 1 << 24;

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

int input_quantizer_of(const Node& node) { return node.input_quantizers.empty() ? -1 : node.input_quantizers[0]; }

/// Largest |whole number| of a grid, or nothing where zero is not one of its values.
std::optional<double> largest_whole(const QdqParameters& p) {
  if (p.offset != std::rint(p.offset) || p.offset > 0 || p.offset + p.levels < 0) return std::nullopt;
  return std::max(-p.offset, p.offset + p.levels);
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
      fits_ = fits_ && largest_whole(p).has_value();
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

std::optional<ExactSums> exact_mean(const Graph& graph, const Node& node, int input, const Encoding& encoding,
                                    NumericsMode mode) {
  if (encoding.float16) return std::nullopt;
  const QdqParameters x = make_qdq(encoding, mode);
  const std::optional<double> largest = largest_whole(x);
  const Shape shape = node_shapes(graph)[static_cast<std::size_t>(node.inputs[0])];
  if (!largest || *largest * static_cast<double>(shape[1] * shape[2]) > largest_exact_sum) return std::nullopt;
  return ExactSums{input, x.scale, {}, {x.scale}};
}

}  // namespace

int grid_of_input(const Graph& graph, const Node& node, const EncodingTable& encodings) {
  if (is_on(input_quantizer_of(node), encodings)) return input_quantizer_of(node);
  const Node& producer = graph.nodes[static_cast<std::size_t>(node.inputs[0])];
  if (is_on(producer.output_quantizer, encodings)) return producer.output_quantizer;
  return moves_values_only(producer.op) ? grid_of_input(graph, producer, encodings) : -1;
}

bool may_have_exact_sums(const Node& node, const EncodingTable& encodings) {
  if (node.op == Op::global_avg_pool) return true;
  return (node.op == Op::conv || node.op == Op::linear) && is_on(node.weight_quantizer, encodings);
}

std::optional<ExactSums> exact_sums(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                    NumericsMode mode) {
  if (!may_have_exact_sums(node, encodings)) return std::nullopt;
  const int input = grid_of_input(graph, node, encodings);
  if (input < 0 || encodings[static_cast<std::size_t>(input)].size() != 1) return std::nullopt;
  if (node.op == Op::global_avg_pool)
    return exact_mean(graph, node, input, encodings[static_cast<std::size_t>(input)].front(), mode);
  const EncodingList& list = encodings[static_cast<std::size_t>(node.weight_quantizer)];
  // Half precision has no whole numbers; blocks of a sum have scales of their own.
  const bool in_blocks = graph.quantizers[static_cast<std::size_t>(node.weight_quantizer)].block_size != 0;
  if (in_blocks || list.front().float16 || encodings[static_cast<std::size_t>(input)].front().float16)
    return std::nullopt;
  if (list.size() != 1 && static_cast<std::int64_t>(list.size()) != node.weight.size(0)) return std::nullopt;
  if (!all_finite(node.weight.values())) return std::nullopt;

  const QdqParameters x = make_qdq(encodings[static_cast<std::size_t>(input)].front(), mode);
  WholeWeight weight(node.weight, list, mode);
  const std::optional<double> largest = largest_whole(x);
  if (!largest || !weight.fits() || *largest * weight.largest_sum() > largest_exact_sum) return std::nullopt;
  ExactSums sums{input, x.scale, {}, {}};
  for (const float scale : weight.scales()) sums.scales.push_back(x.scale * scale);
  sums.weight = Tensor(node.weight.shape(), weight.take());
  return sums;
}

}  // namespace qeval
