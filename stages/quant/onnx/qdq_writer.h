#pragma once
/// Writes quantizers as QuantizeLinear and DequantizeLinear. Thread-safety: one thread. Errors: InputError of make_qdq.
#include <map>
#include <string>
#include <utility>

#include "stages/model/graph.h"
#include "stages/quant/encoding.h"
#include "stages/quant/numerics_mode.h"
#include "stages/quant/onnx/onnx_writer.h"

namespace qeval {

class QdqWriter {
 public:
  QdqWriter(OnnxWriter& out, const EncodingTable& encodings, NumericsMode mode)
      : out_(out), encodings_(encodings), mode_(mode) {}

  /// `value` as `quantizer` lets it through (−1, or one without encoding: as it is). Written once per value.
  std::string activation(const std::string& value, int quantizer);
  /// The tensor as an initializer behind its quantizer. Several encodings are one per step of `axis`.
  std::string parameter(const std::string& name, const Tensor& tensor, int quantizer, int axis);
  /// A pair that is part of the network itself.
  std::string pair(const std::string& value, const CodeGrid& grid, const std::string& name);

 private:
  const EncodingList* encodings_of(int quantizer) const;

  OnnxWriter& out_;
  const EncodingTable& encodings_;
  NumericsMode mode_;
  std::map<std::pair<std::string, int>, std::string> written_;
};

}  // namespace qeval
