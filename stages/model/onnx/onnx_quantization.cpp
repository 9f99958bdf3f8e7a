#include "stages/model/onnx/onnx_quantization.h"

namespace qeval {
namespace {

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " and ") + word;
  return text.empty() ? "float" : text;
}

std::string counted(int count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string joined(const std::set<int>& widths) {
  std::string text;
  for (const int width : widths) text += (text.empty() ? "" : "+") + std::to_string(width);
  return text.empty() ? "f32" : text;
}

}  // namespace

OnnxCodes OnnxCodes::of(const CodeGrid& grid) {
  int bits = 1;
  while ((1 << bits) <= grid.high - grid.low) ++bits;
  return {bits, grid.low};
}

void OnnxQuantization::add_weight(const OnnxCodes& codes, const std::string& granularity) {
  weights_.insert(codes.name() + " " + granularity);
  weight_bits_.insert(codes.bits);
}

void OnnxQuantization::add_activation(const OnnxCodes& codes) {
  activations_.insert(codes.name());
  activation_bits_.insert(codes.bits);
}

std::string OnnxQuantization::text() const {
  if (empty()) return "";
  const std::string integer = operators == 0 ? "" : counted(operators, "integer operator") + ", ";
  return integer + counted(pairs, "Q/DQ pair") + ", weights " + joined(weights_) + ", activations " +
         joined(activations_);
}

std::string OnnxQuantization::precision() const {
  return empty() ? "" : "w" + joined(weight_bits_) + "a" + joined(activation_bits_);
}

}  // namespace qeval
