#include "stages/infer/layerwise.h"

#include <utility>

#include "pipeline/base/errors.h"
#include "stages/infer/layer_data.h"
#include "stages/infer/program.h"
#include "stages/infer/tensor_values.h"
#include "stages/infer/torch_runtime.h"

namespace qeval {
namespace {

/// Every node's value is wanted as it is, so none is computed together with the next.
std::vector<NodeFusion> no_fusion(const Graph& graph) { return std::vector<NodeFusion>(graph.nodes.size()); }

std::int64_t bytes_of(const Program::Pass& pass) {
  std::int64_t bytes = 0;
  for (const at::Tensor& value : pass.values)
    if (value.defined()) bytes += static_cast<std::int64_t>(value.nbytes());
  return bytes;
}

/// [n, channels, positions] on the CPU.
struct ChannelValues {
  ChannelValues(const at::Tensor& output, Op op) {
    const at::Tensor channels_first = op == Op::linear ? output.movedim(-1, 1) : output;
    channels = static_cast<std::size_t>(channels_first.size(1));
    positions = static_cast<std::size_t>(channels_first.numel() / channels_first.size(0) / channels_first.size(1));
    values = channels_first.cpu().contiguous();
  }
  std::span<const float> span() const {
    return {values.const_data_ptr<float>(), static_cast<std::size_t>(values.numel())};
  }
  at::Tensor values;
  std::size_t channels = 0, positions = 0;
};

/// Biases stay as they are: their encodings follow from what they become.
EncodingTable of_weights(const Graph& graph, const EncodingTable& all) {
  EncodingTable weights(all.size());
  for (const Node& node : graph.nodes)
    if (is_on(node.weight_quantizer, all))
      weights[static_cast<std::size_t>(node.weight_quantizer)] = all[static_cast<std::size_t>(node.weight_quantizer)];
  return weights;
}

class Layerwise : public LayerwiseExecutor {
 public:
  Layerwise(const Graph& graph, const EncodingTable& encodings, NumericsMode mode, std::size_t batches,
            std::int64_t bytes, const at::Device& device, at::MemoryFormat order)
      : graph_(graph),
        encodings_(of_weights(graph, encodings)),
        mode_(mode),
        bytes_(bytes),
        pool_(graph_, device, order, no_fusion(graph_)),
        program_(pool_),
        plain_(pool_.operations({EncodingTable(encodings.size()), mode})),
        quantized_(pool_.operations({encodings_, mode})),
        consumers_(consumers(graph_)),
        kept_(batches),
        gathered_(batches) {}

  void admit(std::size_t number, std::span<const float> images, int n) override {
    run_in_torch("layer by layer pass failed", [&] {
      kept_.at(number).plain = program_.begin(images, n);
      kept_[number].quantized = kept_[number].plain;
    });
  }

  OutputShift output_shift(std::size_t number, std::size_t layer) override {
    return run_in_torch("layer by layer pass failed", [&] { return shift_of(number, layer); });
  }

  void gather(std::size_t number, std::size_t layer) override {
    run_in_torch("layer by layer pass failed", [&] { gathered_.at(number) = batch_of(number, layer); });
  }

  std::unique_ptr<LayerData> layer_data(std::size_t layer) override {
    return run_in_torch("cannot prepare " + graph_.arch, [&] {
      const Node& node = graph_.nodes.at(layer);
      const at::Tensor bias = load_parameters(graph_, node, {encodings_, mode_}, pool_.device()).bias;
      auto data = make_layer_data(node, activation_behind(layer), bias, gathered_);
      gathered_.assign(gathered_.size(), {});
      return data;
    });
  }

  void replace(std::size_t layer, const Tensor& weight, const Tensor& bias) override {
    run_in_torch("cannot prepare " + graph_.arch, [&] {
      Node& node = graph_.nodes.at(layer);
      node.weight = weight;
      node.bias = bias;
      quantized_[layer] =
          make_operation(node, {}, load_parameters(graph_, node, {encodings_, mode_}, pool_.device()), pool_.order());
    });
  }

 private:
  /// Both networks in front of some layer; the copies share values that are not changed any more.
  struct Kept {
    Program::Pass plain, quantized;
    bool admitted() const { return !plain.values.empty(); }
  };

  OutputShift shift_of(std::size_t number, std::size_t layer) {
    OutputShift shift;
    Kept& kept = kept_.at(number);
    if (!kept.admitted()) return shift;
    Kept now = in_front_of(layer, kept);
    program_.step(now.plain, plain_, nullptr);
    program_.step(now.quantized, quantized_, nullptr);
    require_finite(now.plain.latest(), "output in the float network", number, layer);
    require_finite(now.quantized.latest(), "output with quantized weights", number, layer);
    const Op op = graph_.nodes[layer].op;
    const ChannelValues reference(now.plain.latest(), op), quantized(now.quantized.latest(), op);
    shift.add(reference.span(), quantized.span(), reference.channels, reference.positions);
    return shift;
  }

  LayerBatch batch_of(std::size_t number, std::size_t layer) {
    Kept& kept = kept_.at(number);
    if (!kept.admitted()) return {};
    Kept now = in_front_of(layer, kept);
    const auto source = static_cast<std::size_t>(graph_.nodes[layer].inputs.at(0));
    program_.step(now.plain, plain_, nullptr);
    require_finite(now.plain.latest(), "output in the float network", number, layer);
    require_finite(now.quantized.values[source], "input with quantized weights", number, layer);
    return LayerBatch(now.quantized.values[source], now.plain.latest());
  }

  /// Nothing can be learned from a NaN, and it would not show in what is learned.
  void require_finite(const at::Tensor& values, const char* what, std::size_t number, std::size_t layer) const {
    if (!all_finite(values))
      throw RunError("layer " + program_.name(layer) + ", batch " + std::to_string(number) + ": its " + what +
                     " contains infinities or NaN; check the weights and the preprocessing");
  }

  /// Of a ReLU or ReLU6 that alone takes the layer's output; else the input's.
  Op activation_behind(std::size_t layer) const {
    const std::vector<int>& takers = consumers_[layer];
    if (takers.size() != 1) return Op::input;
    return graph_.nodes[static_cast<std::size_t>(takers.front())].op;
  }

  /// Later calls go on from there if all batches' values fit in memory.
  Kept in_front_of(std::size_t layer, Kept& kept) const {
    Kept now = kept;
    advance(now.plain, layer, plain_);
    advance(now.quantized, layer, quantized_);
    const std::int64_t bytes = bytes_of(now.plain) + bytes_of(now.quantized);
    if (bytes * static_cast<std::int64_t>(kept_.size()) <= bytes_) kept = now;
    return now;
  }

  void advance(Program::Pass& pass, std::size_t layer, const Operations& operations) const {
    while (pass.next < layer) program_.step(pass, operations, nullptr);
  }

  Graph graph_;
  const EncodingTable encodings_;
  NumericsMode mode_;
  std::int64_t bytes_;
  OperationPool pool_;
  Program program_;
  Operations plain_, quantized_;
  const std::vector<std::vector<int>> consumers_;
  std::vector<Kept> kept_;
  std::vector<LayerBatch> gathered_;
};

}  // namespace

std::unique_ptr<LayerwiseExecutor> make_layerwise(const Graph& graph, const EncodingTable& encodings, NumericsMode mode,
                                                  std::size_t batches, std::int64_t bytes, const at::Device& device,
                                                  at::MemoryFormat order) {
  check_encodings_count(graph, encodings);
  return run_in_torch("cannot prepare " + graph.arch, [&] {
    return std::make_unique<Layerwise>(graph, encodings, mode, batches, bytes, device, order);
  });
}

}  // namespace qeval
