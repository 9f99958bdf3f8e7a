#pragma once
/// Small graphs by hand, with reproducible values.
#include <string>
#include <vector>

#include "stages/infer/executor.h"
#include "stages/model/graph.h"

namespace qeval::test {

/// Values in about −2 … 2, the same on every machine.
std::vector<float> numbers(std::int64_t count, unsigned seed);
Tensor random_tensor(std::vector<std::int64_t> shape, unsigned seed, float scale = 1.0f);

/// Adds nodes one after another; each returns the new node's index.
class GraphBuilder {
 public:
  explicit GraphBuilder(std::array<int, 3> input_shape);
  int conv(int input, int channels_in, int channels_out, Window window, unsigned seed, bool bias = true);
  int node(Op op, std::vector<int> inputs, Window window = {});
  Node& at(int index) { return graph_.nodes[static_cast<std::size_t>(index)]; }
  /// An 8-bit asymmetric activation quantizer on a node's output; returns its index.
  int quantize_output(int index);
  int quantize_input(int index, std::size_t input);
  int quantize_weight(int index, bool per_channel, int channel_axis = 0, int block_size = 0);
  /// Pool, flatten and a linear layer behind `input`.
  Graph finish(int input, int channels, int classes);
  Graph finish_flat(int input, int classes);

 private:
  int add_quantizer(QuantizerRole role, const std::string& module, bool per_channel);
  Graph graph_;
};

/// [min, max] on `bits`, as aimet-torch-2 stores it.
Encoding encoding(double min, double max, int bits = 8);

std::unique_ptr<Executor> make_float(const Graph& graph);
std::unique_ptr<Executor> make_simulated(const Graph& graph, const EncodingTable& table,
                                         NumericsMode mode = NumericsMode::aimet_torch_2);
std::vector<float> logits_of(const Executor& executor, const Graph& graph, const std::vector<float>& images, int n);
std::vector<float> images_for(const Graph& graph, int n, unsigned seed);

}  // namespace qeval::test
