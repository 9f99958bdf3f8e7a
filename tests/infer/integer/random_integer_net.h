#pragma once
/// A random network whose every operator has a form on integer codes, with quantizers wherever one is needed.
#include <random>

#include "stages/quant/arithmetic/encoding.h"
#include "tests/infer/graph_fixture.h"

namespace qeval::test {

class RandomIntegerNet {
 public:
  explicit RandomIntegerNet(unsigned seed);
  const Graph& graph() const { return graph_; }
  const EncodingTable& table() const { return table_; }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  double range() { return 0.5 + below(1000) / 250.0; }
  void set(int quantizer, EncodingList list);
  void quantize(int node, double min, double max);
  void quantize_weight(int node, int outputs);
  Window window(int groups);
  /// Pads until every side has a position, and has the image's sides be what comes out.
  Window applied(Window window);

  void add_operator();
  void add_layer();
  void add_sum();
  void add_pool();
  void add_pad();
  void add_concat();
  void add_logits();

  // random_integer_operators.cpp
  void add_activation();
  void add_gate();
  void add_pair();
  void add_constant();
  void add_norm();
  void add_layer_norm();
  void add_selection();
  void add_join_of_equal_grids();
  /// A layer of one pixel per window that reads `from` and keeps its shape, on codes.
  int point_layer(int from, int outputs);
  /// Codes behind `node`, maybe through an activation.
  void close(int node, int channels);

  std::mt19937 random_;
  int channels_;
  std::array<std::int64_t, 2> sides_{9, 9};  ///< of the image that last_ makes
  GraphBuilder builder_;
  int last_ = 0;
  Graph graph_;
  EncodingTable table_;
};

}  // namespace qeval::test
