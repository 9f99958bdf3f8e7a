#include "stages/quant/calibration.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "pipeline/base/errors.h"
#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/observer.h"
#include "stages/quant/arithmetic/histogram.h"
#include "stages/quant/overflow_protection.h"

namespace qeval {
namespace {

QuantizerSettings settings_of(const Quantizer& quantizer, double percentile) {
  return {quantizer.bits, quantizer.symmetric, quantizer.strict_symmetric, quantizer.unsigned_symmetric, percentile};
}

/// Parameters keep their whole range under scheme percentile.
constexpr double parameter_percentile = 100;

bool has_fixed_end(const Quantizer& quantizer) { return quantizer.fixed_min || quantizer.fixed_max; }
bool has_fixed_range(const Quantizer& quantizer) { return quantizer.fixed_min && quantizer.fixed_max; }

Encoding between(double min, double max, const Quantizer& quantizer) {
  return encoding_torch_2(static_cast<float>(min), static_cast<float>(max),
                          settings_of(quantizer, parameter_percentile));
}

/// aimet_torch 2.42 sets the other end to what was seen (set_range), aimet_onnx 2.42 to where the grid of all that was
/// seen ends (qc_quantize_op.py, compute_encodings).
Encoding with_fixed_end(const Observer& seen, const Quantizer& quantizer, const QuantRecipe& recipe) {
  QuantizerSettings settings = settings_of(quantizer, recipe.percentile);
  if (recipe.mode == NumericsMode::aimet_torch_2) {
    settings.fixed_min = quantizer.fixed_min;
    settings.fixed_max = quantizer.fixed_max;
    return seen.compute(settings);
  }
  const Encoding grid = seen.compute(settings);
  if (grid.bits == 0) return grid;
  return between(quantizer.fixed_min.value_or(grid.min), quantizer.fixed_max.value_or(grid.max), quantizer);
}

Encoding activation_encoding(const Observer& seen, const Quantizer& quantizer, const QuantRecipe& recipe) {
  if (has_fixed_range(quantizer)) return between(*quantizer.fixed_min, *quantizer.fixed_max, quantizer);
  if (has_fixed_end(quantizer)) return with_fixed_end(seen, quantizer, recipe);
  return seen.compute(settings_of(quantizer, recipe.percentile));
}

/// In single precision, which quantizers compute in.
bool is_finite(const Encoding& encoding) {
  const double numbers[] = {encoding.min, encoding.max, encoding.scale, encoding.offset};
  return std::all_of(std::begin(numbers), std::end(numbers),
                     [](double number) { return std::isfinite(static_cast<float>(number)); });
}

/// What `compute` returns, a list of encodings. Its complaints get the quantizer's name, and it must be finite: where
/// it is stored, an encoding without numbers means half precision.
template <class Compute>
EncodingList checked(const Quantizer& quantizer, const Compute& compute) {
  try {
    EncodingList list = compute();
    if (std::all_of(list.begin(), list.end(), is_finite)) return list;
    throw RunError("the values are too large for a grid in single precision; check the weights and the preprocessing");
  } catch (const RunError& error) {
    throw RunError(quantizer.key() + ": " + error.what());
  }
}

EncodingList weight_encodings(const Quantizer& quantizer, const Tensor& tensor, const QuantRecipe& recipe) {
  return checked(quantizer, [&] {
    if (!all_finite(tensor.values()))
      throw RunError("the parameter holds infinities or NaN; check the weights, and what is folded into them");
    return compute_weight_encodings(tensor.values(), TensorSlices(tensor.shape(), granularity_of(quantizer)),
                                    recipe.scheme, recipe.mode, settings_of(quantizer, parameter_percentile));
  });
}

}  // namespace

EncodingTable encodings_without_images(const Graph& graph, const QuantRecipe& recipe) {
  EncodingTable table(graph.quantizers.size());
  for (std::size_t i = 0; i < table.size(); ++i)
    if (const Quantizer& quantizer = graph.quantizers[i]; has_fixed_range(quantizer) && !quantizer.float16)
      table[i] = {between(*quantizer.fixed_min, *quantizer.fixed_max, quantizer)};
  const auto encode = [&](int index, const Tensor& tensor) {
    if (index < 0 || !tensor.defined()) return;
    const Quantizer& quantizer = graph.quantizers[static_cast<std::size_t>(index)];
    EncodingList& list = table[static_cast<std::size_t>(index)];
    if (quantizer.float16)
      list = {float16_encoding};
    else
      list = weight_encodings(quantizer, tensor, recipe);
  };
  for (const Node& node : graph.nodes) {
    encode(node.weight_quantizer, node.weight);
    encode(node.bias_quantizer, node.bias);
  }
  for (std::size_t i = 0; i < table.size(); ++i)
    if (const auto& number = graph.quantizers[i].number) encode(static_cast<int>(i), Tensor({1}, {*number}));
  return table;
}

EncodingTable encodings_while_observing(const Graph& graph, EncodingTable table) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (graph.quantizers[i].operand) table[i].clear();
  return table;
}

bool learns_from_images(const Quantizer& quantizer) {
  return quantizer.role != QuantizerRole::param && !quantizer.float16 && !has_fixed_range(quantizer);
}

std::vector<int> activation_call_sites(const Graph& graph) {
  std::vector<int> sites;
  for (const Quantizer& quantizer : graph.quantizers)
    sites.push_back(quantizer.role == QuantizerRole::param ? 0 : quantizer.call_sites);
  return sites;
}

std::vector<QuantScheme> activation_schemes(const Graph& graph, const QuantRecipe& recipe) {
  std::vector<QuantScheme> schemes;
  for (const Quantizer& quantizer : graph.quantizers) {
    const bool takes_ends = has_fixed_end(quantizer) && recipe.mode != NumericsMode::aimet_onnx_2;
    schemes.push_back(takes_ends || !learns_from_images(quantizer) ? QuantScheme::tf : recipe.scheme);
  }
  return schemes;
}

std::vector<std::string> add_activation_encodings(const Graph& graph, const QuantRecipe& recipe,
                                                  const ObserverBank& bank, EncodingTable& table) {
  std::vector<std::string> without_data;
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    const Quantizer& quantizer = graph.quantizers[i];
    if (quantizer.role == QuantizerRole::param) continue;
    if (quantizer.float16) {
      table[i] = {float16_encoding};
      continue;
    }
    table[i] = checked(quantizer, [&]() -> EncodingList {
      const Encoding encoding = activation_encoding(bank.observer(static_cast<int>(i)), quantizer, recipe);
      if (encoding.bits == 0) return {};
      return {encoding};
    });
    if (table[i].empty()) without_data.push_back(quantizer.key());
  }
  protect_from_overflow(graph, recipe.mode, table);
  return without_data;
}

}  // namespace qeval
