#pragma once
/// A graph's nodes as ONNX nodes, in order. Thread-safety: one thread.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stages/model/node_shapes.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/onnx/onnx_writer.h"
#include "stages/quant/onnx/qdq_writer.h"

namespace qeval {

class GraphWriter {
 public:
  /// How a node is written as a sum of whole numbers, if at all.
  using FindExactSums = std::function<std::optional<ExactSums>(const Node&)>;

  GraphWriter(const Graph& graph, OnnxWriter& out, QdqWriter& qdq, FindExactSums exact_sums)
      : graph_(graph), shapes_(node_shapes(graph)), out_(out), qdq_(qdq), exact_sums_(std::move(exact_sums)) {}
  /// Writes input, nodes and output.
  void run();

 private:
  /// Of a node's first input, without the batch.
  Window written_window(const Node& node) const;
  const Shape& input_shape(const Node& node) const { return shapes_[static_cast<std::size_t>(node.inputs[0])]; }
  std::string write_operator(const Node& node, const std::vector<std::string>& inputs);
  /// The last two take the layer's own inputs: x, weight, and bias if there is one.
  std::string write_layer(const Node& node, std::vector<std::string> inputs);
  std::string write_convolution(const Node& node, const std::vector<std::string>& inputs);
  std::string write_linear(const Node& node, const std::vector<std::string>& inputs);
  std::string write_exact_sum(const Node& node, const ExactSums& sums, const std::string& x);
  std::string write_batch_norm(const Node& node, const std::string& x);
  std::string write_mean(const Node& node, const std::string& x);
  std::string write_plain_mean(const Node& node, const std::string& x);
  std::string write_reduction(const Node& node, const std::string& x);
  std::string write_pool(const Node& node, const std::string& x);
  std::string write_where(const Node& node, std::vector<std::string> operands);
  std::string write_arithmetic(const Node& node, std::vector<std::string> operands);
  std::string write_pad_axes(const Node& node, const std::string& x);
  std::string write_prelu(const Node& node, const std::string& x);
  std::string write_layer_norm(const Node& node, const std::string& x);
  std::string write_channel_shuffle(const Node& node, const std::string& x);
  std::string write_subsampling(const Node& node, const std::string& x);
  std::string weight(const Node& node);
  std::string bias(const Node& node, const Tensor& values);
  Granularity granularity(int quantizer) const;

  const Graph& graph_;
  const std::vector<Shape> shapes_;
  OnnxWriter& out_;
  QdqWriter& qdq_;
  FindExactSums exact_sums_;
  std::vector<std::string> values_;  ///< names, one per node
};

}  // namespace qeval
