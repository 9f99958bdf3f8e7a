/// Encodings and quantize-dequantize results of given data, for scripts that compare them with another implementation.
///
/// Reads cases from standard input until its end: one line "MODE SCHEME BITS SYMMETRIC STRICT UNSIGNED PERCENTILE BATCHES",
/// then per batch a line "VALUES" and that many little-endian f32. Writes per case min, max, scale and offset as f64, then
/// the last batch after quantize-dequantize as f32, unchanged if the encoding is no grid.
#include <cstdio>
#include <iostream>
#include <string>

#include "pipeline/errors.h"
#include "stages/quant/observer.h"
#include "stages/quant/quantize.h"

namespace qeval {
namespace {

std::vector<float> read_batch() {
  std::size_t size = 0;
  if (!(std::cin >> size) || std::cin.get() != '\n') throw InputError("standard input: a number of values is missing");
  std::vector<float> values(size);
  const auto bytes = static_cast<std::streamsize>(size * sizeof(float));
  if (!std::cin.read(reinterpret_cast<char*>(values.data()), bytes)) throw InputError("standard input: values are missing");
  return values;
}

template <typename T>
void write(const T* from, std::size_t count) {
  std::fwrite(from, sizeof(T), count, stdout);
}

bool answer_case() {
  std::string mode_text, scheme_text;
  QuantizerSettings settings;
  int batches = 0;
  if (!(std::cin >> mode_text)) return false;
  std::cin >> scheme_text >> settings.bits >> settings.symmetric >> settings.strict_symmetric >>
      settings.unsigned_symmetric >> settings.percentile >> batches;
  const auto mode = parse_mode(mode_text);
  const auto scheme = parse_scheme(scheme_text);
  if (!std::cin || !mode || !scheme || batches < 1) throw InputError("standard input: not a case: " + mode_text);
  const auto observer = make_observer(*scheme, *mode);
  std::vector<float> values;
  for (int i = 0; i < batches; ++i) observer->observe(values = read_batch());
  const Encoding encoding = observer->compute(settings);
  const double numbers[] = {encoding.min, encoding.max, encoding.scale, encoding.offset};
  if (encoding.bits != 0 && encoding.scale > 0) quantize_dequantize(values, values, make_qdq(encoding, *mode));
  write(numbers, 4);
  write(values.data(), values.size());
  return true;
}

}  // namespace
}  // namespace qeval

int main() try {
  while (qeval::answer_case()) continue;
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
