#pragma once
/// Plans a network on codes, node after node: what each value is (integer_values.h), and the steps that make it. The
/// operators are spread over files by family; integer_planner.cpp has the way through the graph.
/// Thread-safety: none. Errors: as plan_integers.
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "stages/infer/integer/integer_network.h"
#include "stages/infer/integer/integer_selection.h"
#include "stages/infer/integer/step_list.h"
#include "stages/model/node_shapes.h"

namespace qeval {

class IntegerPlanner {
 public:
  /// `builds`: false where only what is said about the network is wanted.
  IntegerPlanner(const Graph& graph, const EncodingTable& encodings, NumericsMode mode, bool builds);
  IntegerPlan plan(std::size_t cache_bytes = value_cache_bytes);

 private:
  Value floats(std::string reason);
  Value value(decltype(Value::is) is) const { return {std::move(is), shape_, channels_last_}; }
  /// Behind a quantizer, which may be off.
  Value quantized(const Value& before, int quantizer);
  /// What the node reads, behind its input quantizer. One that several nodes share is applied once.
  Value input(std::size_t number);
  const Shape& input_shape(std::size_t number) const {
    return shapes_[static_cast<std::size_t>(node_->inputs[number])];
  }
  const Shape& output_shape() const { return shapes_[values_.size()]; }
  void look_at_layout();
  Value compute();
  void write_logits();

  // integer_planner_layers.cpp
  Value layer();
  Value sum();

  // integer_planner_functions.cpp
  using ChannelFunction = std::function<float(std::size_t channel, float x)>;
  Value limited(Limits limits);
  Value function();
  Value mapped(std::size_t functions, const ChannelFunction& of);
  Value batch_norm();
  Value layer_norm();
  Value slopes();
  Value with_constant(Op op);
  Value pair();

  // integer_planner_images.cpp
  Value max_pool();
  Value mean();
  Value flat();
  Value padded();
  Value concat();
  Value permuted();
  Value shuffled();
  Value picked();
  Value selected(Selection selection);

  const Graph& graph_;
  const EncodingTable& encodings_;
  const NumericsMode mode_;
  const std::vector<Shape> shapes_;
  const bool builds_;
  StepList steps_;
  IntegerPlan plan_;
  std::vector<Value> values_;                  ///< of the nodes before this one
  std::map<std::pair<int, int>, Value> made_;  ///< by node and the quantizer behind it
  const Node* node_ = nullptr;
  CodeShape shape_;             ///< of the node's output
  bool channels_last_ = false;  ///< as Value's, of what the node reads and makes
};

}  // namespace qeval
