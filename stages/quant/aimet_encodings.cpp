#include "stages/quant/aimet_encodings.h"

#include <algorithm>
#include <set>

namespace qeval {
namespace {

/// Channels of the parameter that quantizer `index` belongs to; 1 for tensor quantizers.
std::size_t channels_of(const Graph& graph, int index) {
  if (!graph.quantizers[static_cast<std::size_t>(index)].per_channel) return 1;
  for (const Node& node : graph.nodes) {
    if (node.weight_quantizer == index && node.weight.defined()) return static_cast<std::size_t>(node.weight.size(0));
    if (node.bias_quantizer == index && node.bias.defined()) return static_cast<std::size_t>(node.bias.size(0));
  }
  return 1;
}

std::string difference(const Quantizer& quantizer, std::size_t channels, const EncodingList& encodings) {
  const Encoding& first = encodings.front();
  const auto symmetry = [](bool symmetric) { return std::string(symmetric ? "symmetric" : "asymmetric"); };
  if (first.bits != quantizer.bits)
    return std::to_string(quantizer.bits) + " bit, file " + std::to_string(first.bits) + " bit";
  if (first.symmetric != quantizer.symmetric) return symmetry(quantizer.symmetric) + ", file " + symmetry(first.symmetric);
  if (encodings.size() != channels)
    return std::to_string(channels) + (channels == 1 ? " encoding, file " : " encodings, file ") +
           std::to_string(encodings.size());
  return "";
}

bool same_grid(const EncodingList& a, const EncodingList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Encoding& x, const Encoding& y) {
    return x.min == y.min && x.max == y.max && x.scale == y.scale && x.offset == y.offset && x.bits == y.bits;
  });
}

/// What is wrong with a file's entries for one quantizer that stands in several places; empty if nothing.
std::string alias_difference(const Quantizer& quantizer, const EncodingMap& encodings, const EncodingList& taken) {
  for (const std::string& alias : quantizer.aliases) {
    const auto other = encodings.find(alias);
    if (other != encodings.end() && !other->second.empty() && !same_grid(taken, other->second))
      return "one quantizer with " + alias + ", file has two ranges";
  }
  return "";
}

}  // namespace

const EncodingList* find_encodings(const EncodingMap& encodings, const Quantizer& quantizer) {
  for (const std::string& key : quantizer.keys())
    if (const auto found = encodings.find(key); found != encodings.end() && !found->second.empty())
      return &found->second;
  return nullptr;
}

EncodingsMismatch match_encodings(const Graph& graph, const EncodingMap& encodings) {
  EncodingsMismatch mismatch;
  std::set<std::string> wanted;
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    const Quantizer& quantizer = graph.quantizers[i];
    const std::string key = quantizer.key();
    for (const std::string& name : quantizer.keys()) wanted.insert(name);
    const EncodingList* const list = find_encodings(encodings, quantizer);
    if (!list) {
      mismatch.without_encoding.push_back(key);
      continue;
    }
    std::string how = difference(quantizer, channels_of(graph, static_cast<int>(i)), *list);
    if (how.empty()) how = alias_difference(quantizer, encodings, *list);
    if (!how.empty()) mismatch.different.push_back(key + ": " + how);
  }
  for (const auto& [key, list] : encodings)
    if (!list.empty() && !wanted.count(key)) mismatch.without_quantizer.push_back(key);
  return mismatch;
}

}  // namespace qeval
