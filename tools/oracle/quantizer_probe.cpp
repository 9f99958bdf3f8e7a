/// Encodings and quantize-dequantize results of given data, for scripts that compare them with another implementation.
///
/// Reads cases from standard input until its end. Numbers of arrays are little-endian.
/// * One line "MODE SCHEME BITS SYMMETRIC STRICT UNSIGNED PERCENTILE BATCHES", then per batch a line "VALUES" and that
/// many
///   f32. Answer: min, max, scale and offset as f64, then the last batch after quantize-dequantize as f32, unchanged if
///   the encoding is no grid.
/// * One line "parameter MODE SCHEME BITS SYMMETRIC CHANNEL_AXIS BLOCK_SIZE AXES SIZE…", then the tensor as f32.
///   CHANNEL_AXIS −1: one encoding; BLOCK_SIZE 0: no blocks. Answer: the number of encodings as f64, each as above,
///   then the tensor after quantize-dequantize, unchanged if one of them is no grid.
/// * One line "half MODE VALUES", then that many f32. Answer: they, through half precision.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>

#include "pipeline/base/errors.h"
#include "stages/quant/analyzers/observer.h"
#include "stages/quant/arithmetic/quantize.h"
#include "tools/oracle/probe_loop.h"

namespace qeval {
namespace {

/// `size` values behind the end of the line.
std::vector<float> read_values(std::size_t size) {
  if (!std::cin || std::cin.get() != '\n') throw InputError("standard input: a number of values is missing");
  std::vector<float> values(size);
  const auto bytes = static_cast<std::streamsize>(size * sizeof(float));
  if (!std::cin.read(reinterpret_cast<char*>(values.data()), bytes))
    throw InputError("standard input: values are missing");
  return values;
}

std::vector<float> read_batch() {
  std::size_t size = 0;
  std::cin >> size;
  return read_values(size);
}

template <typename T>
void write(const T* from, std::size_t count) {
  std::fwrite(from, sizeof(T), count, stdout);
}

void write_encoding(const Encoding& encoding) {
  const double numbers[] = {encoding.min, encoding.max, encoding.scale, encoding.offset};
  write(numbers, 4);
}

bool is_grid(const Encoding& encoding) { return encoding.bits != 0 && encoding.scale > 0; }

/// Mode and scheme by their names; the mode's name may have been read already.
struct Arithmetic {
  explicit Arithmetic(const std::string& mode_name) {
    std::string scheme_name;
    std::cin >> scheme_name;
    const auto known_mode = parse_mode(mode_name);
    const auto known_scheme = parse_scheme(scheme_name);
    if (!known_mode || !known_scheme) throw InputError("standard input: not a case: " + mode_name + " " + scheme_name);
    mode = *known_mode;
    scheme = *known_scheme;
  }

  NumericsMode mode;
  QuantScheme scheme;
};

void answer_tensor(const Arithmetic& arithmetic) {
  QuantizerSettings settings;
  int batches = 0;
  std::cin >> settings.bits >> settings.symmetric >> settings.strict_symmetric >> settings.unsigned_symmetric >>
      settings.percentile >> batches;
  if (!std::cin || batches < 1) throw InputError("standard input: settings or batches are missing");
  const auto observer = make_observer(arithmetic.scheme, arithmetic.mode);
  std::vector<float> values;
  for (int i = 0; i < batches; ++i) observer->observe(values = read_batch());
  const Encoding encoding = observer->compute(settings);
  if (is_grid(encoding)) quantize_dequantize(values, values, make_qdq(encoding, arithmetic.mode));
  write_encoding(encoding);
  write(values.data(), values.size());
}

void answer_parameter(const Arithmetic& arithmetic) {
  QuantizerSettings settings;
  Quantizer quantizer;
  std::size_t axes = 0;
  std::cin >> settings.bits >> settings.symmetric >> quantizer.channel_axis >> quantizer.block_size >> axes;
  quantizer.per_channel = quantizer.channel_axis >= 0;
  std::vector<std::int64_t> shape(axes < 9 ? axes : 0);
  for (std::int64_t& size : shape) std::cin >> size;
  if (!std::cin || shape.empty()) throw InputError("standard input: settings or a shape are missing");
  const TensorSlices slices(shape, granularity_of(quantizer));
  std::vector<float> values = read_values(slices.elements());
  const EncodingList encodings = compute_weight_encodings(values, slices, arithmetic.scheme, arithmetic.mode, settings);
  if (std::all_of(encodings.begin(), encodings.end(), is_grid))
    quantize_dequantize_slices(values, slices, encodings, arithmetic.mode);
  const auto count = static_cast<double>(encodings.size());
  write(&count, 1);
  for (const Encoding& encoding : encodings) write_encoding(encoding);
  write(values.data(), values.size());
}

void answer_half() {
  std::string name;
  std::cin >> name;
  const auto mode = parse_mode(name);
  if (!mode) throw InputError("standard input: not a mode: " + name);
  std::vector<float> values = read_batch();
  quantize_dequantize(values, values, make_qdq(float16_encoding, *mode));
  write(values.data(), values.size());
}

bool answer_case() {
  std::string first;
  if (!(std::cin >> first)) return false;
  if (first == "half") {
    answer_half();
    return true;
  }
  if (first != "parameter") {
    answer_tensor(Arithmetic(first));
    return true;
  }
  std::cin >> first;
  answer_parameter(Arithmetic(first));
  return true;
}

}  // namespace
}  // namespace qeval

int main() { return qeval::answer_cases(qeval::answer_case); }
