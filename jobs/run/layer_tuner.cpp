#include "jobs/run/layer_tuner.h"

#include <bit>
#include <cstring>
#include <utility>

#include "jobs/prepare/tunable_layers.h"
#include "jobs/prepare/variant_keys.h"

namespace qeval {
namespace {

static_assert(std::endian::native == std::endian::little, "tuned_layer holds little-endian numbers");

class BiasTuner : public LayerTuner {
 public:
  explicit BiasTuner(const PreparedVariant& v) : layers_(tunable_layers(v).nodes) {}
  const std::vector<std::size_t>& layers() const override { return layers_; }
  std::string kind() const override { return "bias"; }

  std::optional<std::vector<std::uint8_t>> learn(const LayerWork& work, std::size_t index, const Node& layer,
                                                 const std::function<void(double)>&) const override {
    const OutputShift shift = total_output_shift(work, index);
    if (!work.go_on()) return std::nullopt;
    const Tensor bias = corrected_bias(layer.bias, shift);
    std::vector<std::uint8_t> content(bias.values().size_bytes());
    std::memcpy(content.data(), bias.values().data(), content.size());
    return content;
  }

  bool fits(const std::vector<std::uint8_t>& content, const Node& layer) const override {
    return layer.bias.defined() ? content.size() == layer.bias.values().size_bytes()
                                : content.size() % sizeof(float) == 0;
  }

  void apply(const std::vector<std::uint8_t>& content, Node& layer) const override {
    std::vector<float> values(content.size() / sizeof(float));
    std::memcpy(values.data(), content.data(), values.size() * sizeof(float));
    const auto channels = static_cast<std::int64_t>(values.size());
    layer.bias = Tensor({channels}, std::move(values));
  }

 private:
  std::vector<std::size_t> layers_;
};

class RoundingTuner : public LayerTuner {
 public:
  RoundingTuner(const PreparedVariant& v, const EncodingTable& table)
      : quantizers_(v.network.graph.quantizers),
        table_(table),
        mode_(v.recipe.quant->mode),
        layers_(tunable_layers(v).nodes) {
    settings_.iterations = adaround_iterations(v.spec.quantization);
    settings_.regularization = v.spec.quantization.adaround_regularization;
    settings_.learning_rate = v.spec.quantization.adaround_learning_rate;
  }
  const std::vector<std::size_t>& layers() const override { return layers_; }
  std::string kind() const override { return "rounding"; }

  std::optional<std::vector<std::uint8_t>> learn(const LayerWork& work, std::size_t index, const Node& layer,
                                                 const std::function<void(double)>& progress) const override {
    const auto data = gathered_layer_data(work, index);
    if (!work.go_on()) return std::nullopt;
    SoftRounding rounding(layer.weight.values(), slices_of(layer), encodings_of(layer), mode_);
    if (data->images() == 0) return rounding.directions();
    const auto weights = static_cast<std::size_t>(layer.weight.numel());
    return learn_rounding(std::move(rounding), settings_, data->images(), index,
                          output_gradient_in_parts(*data, weights, work.threads), [&](int iteration) {
                            progress(static_cast<double>(iteration) / settings_.iterations);
                            return work.go_on();
                          });
  }

  bool fits(const std::vector<std::uint8_t>& content, const Node& layer) const override {
    return content.size() == (static_cast<std::size_t>(layer.weight.numel()) + 7) / 8;
  }

  void apply(const std::vector<std::uint8_t>& content, Node& layer) const override {
    layer.weight = rounded_weights(layer.weight, slices_of(layer), encodings_of(layer), mode_, content);
  }

 private:
  const Quantizer& quantizer_of(const Node& layer) const {
    return quantizers_[static_cast<std::size_t>(layer.weight_quantizer)];
  }
  TensorSlices slices_of(const Node& layer) const {
    return TensorSlices(layer.weight.shape(), granularity_of(quantizer_of(layer)));
  }
  const EncodingList& encodings_of(const Node& layer) const {
    return table_[static_cast<std::size_t>(layer.weight_quantizer)];
  }

  const std::vector<Quantizer>& quantizers_;
  const EncodingTable& table_;
  NumericsMode mode_;
  std::vector<std::size_t> layers_;
  AdaRoundSettings settings_;
};

}  // namespace

std::unique_ptr<LayerTuner> make_layer_tuner(const PreparedVariant& v, const EncodingTable& table) {
  if (v.recipe.tuning->rounds()) return std::make_unique<RoundingTuner>(v, table);
  return std::make_unique<BiasTuner>(v);
}

}  // namespace qeval
