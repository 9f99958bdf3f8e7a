#pragma once
/// Writes quantizers as QuantizeLinear and DequantizeLinear. Thread-safety: one thread. Errors: InputError of make_qdq.
#include <map>
#include <string>
#include <utility>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"
#include "stages/quant/arithmetic/quantize.h"
#include "stages/quant/arithmetic/tensor_slices.h"
#include "stages/quant/onnx/onnx_writer.h"

namespace qeval {

/// `exact`: activations as QdqArithmetic::exact says.
class QdqWriter {
 public:
  QdqWriter(OnnxWriter& out, const EncodingTable& encodings, NumericsMode mode, bool exact)
      : out_(out), encodings_(encodings), mode_(mode), exact_(exact) {}

  /// `value` as `quantizer` lets it through (−1, or one without encoding: as it is). Written once per value. Half
  /// precision is a Cast there and back, and of parameters the rounded values themselves.
  std::string activation(const std::string& value, int quantizer);
  /// The tensor as an initializer behind its quantizer; `granularity`: of several encodings.
  std::string parameter(const std::string& name, const Tensor& tensor, int quantizer, const Granularity& granularity);
  /// A value on the quantizer's grid as its codes minus the zero point.
  std::string whole_numbers(const std::string& value, int quantizer);
  /// As parameter, in whole numbers.
  std::string whole_parameter(const std::string& name, const Tensor& tensor, int quantizer,
                              const Granularity& granularity);
  /// A pair that is part of the network itself.
  std::string pair(const std::string& value, const CodeGrid& grid, const std::string& name);

 private:
  const EncodingList* encodings_of(int quantizer) const;
  std::string write_activation(const std::string& value, const QdqParameters& grid);
  std::string write_whole_numbers(const std::string& value, const QdqParameters& grid, const std::string& name);
  std::string write_parameter(const std::string& name, const Tensor& tensor, const EncodingList& encodings,
                              const Granularity& granularity, bool whole);
  std::string half_precision(const std::string& value, const QdqParameters& parameters);

  OnnxWriter& out_;
  const EncodingTable& encodings_;
  NumericsMode mode_;
  bool exact_;
  std::map<std::pair<std::string, int>, std::string> written_;
  std::map<std::string, std::string> whole_;  ///< of values that were made from whole numbers: these
};

}  // namespace qeval
