#pragma once
/// The yardstick: a graph run the way a plain LibTorch program would, one ATen call per node, channels-last, with as
/// many intra-op threads as there are cores. Shares no code with the executors.
#include <vector>

#include <ATen/core/Tensor.h>

#include "stages/model/graph.h"

namespace qeval::bench {

class EagerNetwork {
 public:
  explicit EagerNetwork(const Graph& graph);
  /// x: f32 [n, C, H, W], channels-last.
  at::Tensor forward(const at::Tensor& x) const;

 private:
  struct Layer {
    Node node;  ///< without its tensors
    at::Tensor weight, bias;
  };
  std::vector<Layer> layers_;
};

}  // namespace qeval::bench
