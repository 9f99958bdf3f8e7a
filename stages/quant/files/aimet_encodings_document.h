#pragma once
/// What the readers of all encodings versions share beside JsonDocument: an encoding's words, numbers and grids.
/// Thread-safety and errors: as JsonDocument.
#include <filesystem>
#include <string>

#include "pipeline/base/json_document.h"
#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"

namespace qeval {

/// Bit widths of quantizers. Files hold wider encodings only for biases, among the parameters.
constexpr int fewest_encoding_bits = 2, most_encoding_bits = 16, most_bias_bits = 32;

class EncodingsDocument : public JsonDocument {
 public:
  explicit EncodingsDocument(const std::filesystem::path& file);

  /// "0.6.1" if the file names none.
  std::string version() const;

  int bits(const Pointer& where, const Json& entry, const char* name, int most = most_encoding_bits) const;
  static int most_bits(QuantizerRole role) {
    return role == QuantizerRole::param ? most_bias_bits : most_encoding_bits;
  }
  /// An entry of data type float, which has a width only.
  Encoding float16(const Pointer& where, const Json& entry, const char* bits_name) const;
  std::string name(const Pointer& where, const Json& entry) const;
  void check_grid(const Pointer& scale, const Pointer& offset, const Encoding& encoding) const;
};

/// The range of a grid that is given by scale and offset alone, as in versions 1.0.0 and later:
/// [scale·offset, scale·(offset + highest code)]. A symmetric grid with offset 1 − 2^(bits − 1) is strict, as AIMET
/// reads it, so its range is symmetric to the last bit.
Encoding encoding_of_grid(double scale, double offset, int bits, bool symmetric);

}  // namespace qeval
