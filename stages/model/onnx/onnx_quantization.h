#pragma once
/// What QuantizeLinear and DequantizeLinear of an ONNX file make of its network, as people say it. Plain values.
#include <set>
#include <string>

#include "stages/model/graph.h"

namespace qeval {

/// The whole numbers of a quantized tensor: bits, and the lowest of them.
struct OnnxCodes {
  int bits = 8, low = 0;

  static OnnxCodes of(const CodeGrid& grid);
  int high() const { return low + (1 << bits) - 1; }
  std::string name() const { return (low < 0 ? "int" : "uint") + std::to_string(bits); }
};

struct OnnxQuantization {
  int pairs = 0;      ///< of activations, and of weights that are stored as floats
  int operators = 0;  ///< on integer codes

  void add_weight(const OnnxCodes& codes, const std::string& granularity);
  void add_activation(const OnnxCodes& codes);

  /// "54 Q/DQ pairs, weights int8 per channel, activations uint8"; empty if nothing is quantized.
  std::string text() const;
  /// "w8a8"; float is "f32", several widths are joined by "+". Empty if nothing is quantized.
  std::string precision() const;

 private:
  bool empty() const { return weights_.empty() && activations_.empty(); }

  std::set<std::string> weights_, activations_;
  std::set<int> weight_bits_, activation_bits_;
};

}  // namespace qeval
