#include "stages/quant/calibration.h"

#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/observer.h"
#include "stages/quant/overflow_protection.h"

namespace qeval {
namespace {

QuantizerSettings settings_of(const Quantizer& quantizer, double percentile) {
  return {quantizer.bits, quantizer.symmetric, quantizer.strict_symmetric, quantizer.unsigned_symmetric, percentile};
}

/// Parameters keep their whole range under scheme percentile.
constexpr double parameter_percentile = 100;

/// As aimet_torch 2.42's set_range with one or both ends given.
Encoding with_fixed_ends(const Encoding& seen, const Quantizer& quantizer) {
  const double min = quantizer.fixed_min.value_or(seen.min), max = quantizer.fixed_max.value_or(seen.max);
  return encoding_torch_2(static_cast<float>(min), static_cast<float>(max),
                          settings_of(quantizer, parameter_percentile));
}

}  // namespace

EncodingTable parameter_encodings(const Graph& graph, const QuantRecipe& recipe) {
  EncodingTable table(graph.quantizers.size());
  const auto encode = [&](int index, const Tensor& tensor) {
    if (index < 0 || !tensor.defined()) return;
    const Quantizer& quantizer = graph.quantizers[static_cast<std::size_t>(index)];
    EncodingList& list = table[static_cast<std::size_t>(index)];
    if (quantizer.float16)
      list = {k_float16_encoding};
    else
      list = compute_weight_encodings(tensor.values(), TensorSlices(tensor.shape(), granularity_of(quantizer)),
                                      recipe.scheme, recipe.mode, settings_of(quantizer, parameter_percentile));
  };
  for (const Node& node : graph.nodes) {
    encode(node.weight_quantizer, node.weight);
    encode(node.bias_quantizer, node.bias);
  }
  return table;
}

bool learns_from_images(const Quantizer& quantizer) {
  return quantizer.role != QuantizerRole::param && !quantizer.float16 &&
         !(quantizer.fixed_min && quantizer.fixed_max);
}

std::vector<int> activation_call_sites(const Graph& graph) {
  std::vector<int> sites;
  for (const Quantizer& quantizer : graph.quantizers)
    sites.push_back(quantizer.role == QuantizerRole::param ? 0 : quantizer.call_sites);
  return sites;
}

std::vector<QuantScheme> activation_schemes(const Graph& graph, QuantScheme scheme) {
  std::vector<QuantScheme> schemes;
  for (const Quantizer& quantizer : graph.quantizers)
    schemes.push_back(quantizer.fixed_min || quantizer.fixed_max || quantizer.float16 ? QuantScheme::tf : scheme);
  return schemes;
}

std::vector<std::string> add_activation_encodings(const Graph& graph, const QuantRecipe& recipe,
                                                  const ObserverBank& bank, EncodingTable& table) {
  std::vector<std::string> without_data;
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    const Quantizer& quantizer = graph.quantizers[i];
    if (quantizer.role == QuantizerRole::param) continue;
    if (quantizer.float16) {
      table[i] = {k_float16_encoding};
      continue;
    }
    Encoding encoding = bank.observer(static_cast<int>(i)).compute(settings_of(quantizer, recipe.percentile));
    const bool seen = encoding.bits != 0;
    if ((seen && (quantizer.fixed_min || quantizer.fixed_max)) || (quantizer.fixed_min && quantizer.fixed_max))
      encoding = with_fixed_ends(encoding, quantizer);
    if (encoding.bits == 0)
      without_data.push_back(quantizer.key());
    else
      table[i] = {encoding};
  }
  protect_from_overflow(graph, recipe.mode, table);
  return without_data;
}

}  // namespace qeval
