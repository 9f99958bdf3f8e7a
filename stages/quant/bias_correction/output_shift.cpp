#include "stages/quant/bias_correction/output_shift.h"

#include <algorithm>

#include "pipeline/base/errors.h"

namespace qeval {

void OutputShift::add(std::span<const float> reference, std::span<const float> quantized, std::size_t channels,
                      std::size_t positions) {
  if (reference.size() != quantized.size() || reference.size() % (channels * positions) != 0)
    throw InternalError("bias correction: outputs of different shapes");
  const std::size_t images = reference.size() / (channels * positions);
  OutputShift part;
  part.sums.resize(channels);
  part.values = static_cast<std::int64_t>(images * positions);
  for (std::size_t run = 0; run < images * channels; ++run) {
    double sum = 0;
    for (std::size_t i = run * positions; i < (run + 1) * positions; ++i)
      sum += double{quantized[i]} - double{reference[i]};
    part.sums[run % channels] += sum;
  }
  add(part);
}

void OutputShift::add(const OutputShift& other) {
  if (other.sums.empty()) return;
  if (sums.empty()) sums.resize(other.sums.size());
  if (sums.size() != other.sums.size()) throw InternalError("bias correction: outputs with different channels");
  std::transform(sums.begin(), sums.end(), other.sums.begin(), sums.begin(), std::plus<>());
  values += other.values;
}

Tensor corrected_bias(const Tensor& bias, const OutputShift& shift) {
  if (shift.values == 0) return bias;
  std::vector<float> biases(shift.sums.size());
  if (bias.defined()) std::copy(bias.values().begin(), bias.values().end(), biases.begin());
  for (std::size_t c = 0; c < biases.size(); ++c)
    biases[c] = static_cast<float>(biases[c] - shift.sums[c] / static_cast<double>(shift.values));
  const auto channels = static_cast<std::int64_t>(biases.size());
  return Tensor({channels}, std::move(biases));
}

}  // namespace qeval
