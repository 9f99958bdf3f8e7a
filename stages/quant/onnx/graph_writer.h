#pragma once
/// A graph's nodes as ONNX nodes, in order. Thread-safety: one thread.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/onnx/onnx_writer.h"
#include "stages/quant/onnx/qdq_writer.h"

namespace qeval {

class GraphWriter {
 public:
  GraphWriter(const Graph& graph, OnnxWriter& out, QdqWriter& qdq) : graph_(graph), out_(out), qdq_(qdq) {}
  /// Writes input, nodes and output.
  void run();

 private:
  struct Value {
    std::string name;
    int rank = 4;                ///< with the batch
    std::int64_t channels = 0;   ///< of axis 1
  };

  const Value& input(const Node& node, std::size_t i = 0) const {
    return values_[static_cast<std::size_t>(node.inputs[i])];
  }
  Value write(const Node& node, const std::vector<std::string>& inputs);
  std::string write_operator(const Node& node, const std::vector<std::string>& inputs);
  std::string write_convolution(const Node& node, std::vector<std::string> inputs);
  std::string write_linear(const Node& node, const std::string& x);
  std::string write_batch_norm(const Node& node, const std::string& x);
  std::string write_pool(const Node& node, const std::string& x);
  std::string write_prelu(const Node& node, const std::string& x);
  std::string write_layer_norm(const Node& node, const std::string& x);
  std::string write_channel_shuffle(const Node& node, const std::string& x);
  std::string write_subsampling(const Node& node, const std::string& x);
  std::string weight(const Node& node, int axis);
  std::string bias(const Node& node);

  const Graph& graph_;
  OnnxWriter& out_;
  QdqWriter& qdq_;
  std::vector<Value> values_;  ///< one per node
};

}  // namespace qeval
