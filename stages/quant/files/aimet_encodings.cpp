#include "stages/quant/files/aimet_encodings.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/tensor_slices.h"
#include "stages/quant/files/aimet_encodings_document.h"
#include "stages/quant/files/aimet_number_grid.h"
#include "stages/quant/files/repeated_encodings.h"

namespace qeval {
namespace {

using EntryMap = std::map<std::string, const EncodingEntry*>;

EntryMap entries_by_name(const EncodingsFile& file) {
  EntryMap map;
  for (const EncodingEntry& entry : file.entries)
    if (!entry.list.empty()) map[entry.name] = &entry;
  return map;
}

std::vector<std::string> all_names(const Quantizer& quantizer) {
  std::vector<std::string> names = quantizer.keys();
  names.insert(names.end(), quantizer.tensors.begin(), quantizer.tensors.end());
  return names;
}

bool is_bias(const EncodingEntry& entry) { return entry.list.front().bits > most_encoding_bits; }

/// The encodings that quantizer `index` takes. Activations have one, and no axes.
std::vector<std::int64_t> grid_of(const Graph& graph, int index) {
  const bool is_parameter = graph.quantizers[static_cast<std::size_t>(index)].role == QuantizerRole::param;
  return is_parameter ? parameter_slices(graph, index).grid() : std::vector<std::int64_t>{};
}

bool same_grid(const EncodingList& a, const EncodingList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Encoding& x, const Encoding& y) {
    return std::tie(x.min, x.max, x.scale, x.offset, x.bits) == std::tie(y.min, y.max, y.scale, y.offset, y.bits);
  });
}

/// The entries of one quantizer; shared quantizers may have several.
std::vector<const EncodingEntry*> entries_of(const Quantizer& quantizer, const EntryMap& entries) {
  std::vector<const EncodingEntry*> found;
  for (const std::string& name : all_names(quantizer))
    if (const auto entry = entries.find(name); entry != entries.end() && !is_bias(*entry->second))
      found.push_back(entry->second);
  return found;
}

/// A grid whose offset is −2^(bits − 1) is one of a symmetric and of an asymmetric quantizer; aimet-torch's export
/// calls it symmetric wherever it meets one. Of a file with asymmetric activations that says nothing.
bool may_be_asymmetric(const Encoding& encoding) {
  return encoding.symmetric && encoding.offset == -std::ldexp(1.0, encoding.bits - 1);
}

bool has_asymmetric_activations(const EncodingsFile& file) {
  return std::any_of(file.entries.begin(), file.entries.end(), [](const EncodingEntry& entry) {
    return entry.role != QuantizerRole::param && !entry.list.empty() && !entry.list.front().symmetric;
  });
}

std::string setting_difference(const Quantizer& quantizer, const Encoding& encoding, bool symmetry_counts) {
  const auto symmetry = [](bool symmetric) { return std::string(symmetric ? "symmetric" : "asymmetric"); };
  const auto type = [](bool float16) { return std::string(float16 ? "half precision" : "integer codes"); };
  if (encoding.float16 != quantizer.float16) return type(quantizer.float16) + ", file " + type(encoding.float16);
  if (encoding.float16) return "";
  if (encoding.bits != quantizer.bits)
    return std::to_string(quantizer.bits) + " bit, file " + std::to_string(encoding.bits) + " bit";
  if (encoding.symmetric != quantizer.symmetric && (symmetry_counts || !may_be_asymmetric(encoding)))
    return symmetry(quantizer.symmetric) + ", file " + symmetry(encoding.symmetric);
  return "";
}

/// Why the entries of one quantizer cannot be applied; empty if they can.
std::string obstacle(const Quantizer& quantizer, const std::vector<std::int64_t>& grid,
                     const std::vector<const EncodingEntry*>& entries) {
  const EncodingEntry& first = *entries.front();
  if (first.block_size != 0 && first.block_size != quantizer.block_size)
    return (quantizer.block_size == 0 ? std::string("no blocks")
                                      : "blocks of " + std::to_string(quantizer.block_size)) +
           ", file blocks of " + std::to_string(first.block_size) + " (quantization.param.block_size)";
  const auto count = std::accumulate(grid.begin(), grid.end(), std::int64_t{1}, std::multiplies<>());
  if (static_cast<std::int64_t>(first.list.size()) != count)
    return std::to_string(count) + (count == 1 ? " encoding, file " : " encodings, file ") +
           std::to_string(first.list.size());
  if (first.per_channel && first.axis_known && axis_from_front(first.axis, grid.size()) != file_axis(quantizer))
    return "encodings per channel lie along axis " + std::to_string(file_axis(quantizer)) +
           ", in the file along axis " + std::to_string(first.axis);
  for (const EncodingEntry* other : entries)
    if (!same_grid(first.list, other->list)) return "one quantizer with " + other->name + ", file has two ranges";
  return "";
}

/// Of a number's entries, of which there may be none: a quantizer without an encoding leaves it what it is, too.
bool all_hold(const std::vector<const EncodingEntry*>& entries, double number) {
  return !entries.empty() && std::all_of(entries.begin(), entries.end(), [&](const EncodingEntry* entry) {
    return entry->list.front().float16 || holds(entry->list, number);
  });
}

/// Calls `use` with each quantizer that has entries, them, and the obstacle to applying them.
template <class Use>
void for_each_entry(const Graph& graph, const EntryMap& entries, const Use& use) {
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    const Quantizer& quantizer = graph.quantizers[i];
    const auto found = entries_of(quantizer, entries);
    use(quantizer, found,
        found.empty() ? std::string() : obstacle(quantizer, grid_of(graph, static_cast<int>(i)), found));
  }
}

nlohmann::ordered_json arguments_of(const QuantRecipe& recipe) {
  const bool enhanced = recipe.scheme == QuantScheme::tf_enhanced;
  return {{"activation_bitwidth", recipe.activation_bits},
          {"param_bitwidth", recipe.param_bits},
          {"dtype", recipe.param_float16 && recipe.activation_float16 ? "float" : "int"},
          {"is_symmetric", recipe.param_symmetric},
          {"per_channel_quantization", recipe.per_channel},
          {"quant_scheme", enhanced ? "post_training_tf_enhanced" : "post_training_tf"}};
}

}  // namespace

std::vector<std::string> file_names(const Quantizer& quantizer) {
  const std::vector<std::string> names = quantizer.tensors.empty() ? quantizer.keys() : quantizer.tensors;
  return quantizer.role == QuantizerRole::param ? std::vector<std::string>{names.front()} : names;
}

int file_axis(const Quantizer& quantizer) {
  const bool exchanged = quantizer.transposed && quantizer.block_size == 0;
  return exchanged ? 1 - quantizer.channel_axis : quantizer.channel_axis;
}

QuantizerRole file_role(const Quantizer& quantizer) {
  return quantizer.operand ? QuantizerRole::output : quantizer.role;
}

const EncodingList* find_encodings(const EncodingMap& encodings, const Quantizer& quantizer) {
  for (const std::string& name : all_names(quantizer))
    if (const auto found = encodings.find(name); found != encodings.end() && !found->second.empty())
      return &found->second;
  return nullptr;
}

EncodingsMismatch match_encodings(const Graph& graph, const EncodingsFile& file) {
  EncodingsMismatch mismatch;
  const EntryMap entries = entries_by_name(file);
  std::set<std::string> wanted;
  const bool is_mixed = has_asymmetric_activations(file);
  for_each_entry(graph, entries, [&](const Quantizer& quantizer, const auto& found, const std::string& obstacle) {
    if (quantizer.number && !all_hold(found, *quantizer.number)) return;
    for (const EncodingEntry* entry : found) wanted.insert(entry->name);
    if (found.empty() && !quantizer.float16) mismatch.without_encoding.push_back(quantizer.key());
    if (found.empty()) return;
    if (!obstacle.empty())
      mismatch.unusable.push_back(quantizer.key() + ": " + obstacle);
    else if (const std::string how = setting_difference(quantizer, found.front()->list.front(),
                                                        quantizer.role == QuantizerRole::param || !is_mixed);
             !how.empty())
      mismatch.different.push_back(quantizer.key() + ": " + how);
  });
  const RepeatedEncodings repeated(graph, [&](int quantizer, const EncodingEntry& entry) {
    const auto found = entries_of(graph.quantizers[static_cast<std::size_t>(quantizer)], entries);
    return !found.empty() && same_grid(found.front()->list, entry.list);
  });
  for (const auto& [name, entry] : entries) {
    if (is_bias(*entry))
      mismatch.biases.push_back(name);
    else if (!wanted.count(name))
      (repeated.contain(*entry) ? mismatch.repeated : mismatch.without_quantizer).push_back(name);
  }
  return mismatch;
}

EncodingMap usable_encodings(const Graph& graph, const EncodingsFile& file) {
  EncodingMap map;
  for_each_entry(graph, entries_by_name(file),
                 [&](const Quantizer& quantizer, const auto& found, const std::string& obstacle) {
                   if (quantizer.number && !all_hold(found, *quantizer.number)) return;
                   if (!found.empty() && obstacle.empty()) map[quantizer.key()] = found.front()->list;
                 });
  return map;
}

EncodingsFile encodings_file_of(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe,
                                const std::string& version) {
  EncodingsFile file{.version = version, .quantizer_args = arguments_of(recipe).dump()};
  std::set<std::string> known, written;
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    const Quantizer& quantizer = graph.quantizers[i];
    for (const std::string& name : all_names(quantizer)) known.insert(name);
    const EncodingList* const list = find_encodings(encodings, quantizer);
    if (!list) continue;
    const std::vector<std::int64_t> grid =
        quantizer.block_size == 0 ? std::vector<std::int64_t>{} : grid_of(graph, static_cast<int>(i));
    const bool per_channel = quantizer.per_channel || list->size() > 1;
    for (const std::string& name : file_names(quantizer))
      if (written.insert(name).second)
        file.entries.push_back(
            {name, file_role(quantizer), per_channel, file_axis(quantizer), true, quantizer.block_size, grid, *list});
  }
  for (const auto& [key, list] : encodings)
    if (!list.empty() && !known.count(key))
      throw InternalError("encodings without a quantizer cannot be written: " + key);
  return file;
}

}  // namespace qeval
