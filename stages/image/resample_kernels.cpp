#include "stages/image/resample_kernels.h"

#include "pipeline/base/processor.h"
#include "stages/image/resample_avx2.h"

namespace qeval {
namespace {

void resample_row_portable(const std::uint8_t* in, const AxisWeights& axis, std::uint8_t* out) {
  for (std::size_t pixel = 0; pixel < axis.spans.size(); ++pixel, out += 3) {
    const AxisWeights::Span span = axis.spans[pixel];
    const std::int32_t* weights = axis.of(pixel);
    const std::uint8_t* source = in + static_cast<std::size_t>(span.first) * 3;
    std::int32_t red = 0, green = 0, blue = 0;
    for (int i = 0; i < span.count; ++i, source += 3) {
      red += source[0] * weights[i];
      green += source[1] * weights[i];
      blue += source[2] * weights[i];
    }
    out[0] = round_weighted_sum(red);
    out[1] = round_weighted_sum(green);
    out[2] = round_weighted_sum(blue);
  }
}

}  // namespace

SimdLevel best_simd_level() {
  static const SimdLevel level = has_avx2() ? SimdLevel::avx2 : SimdLevel::portable;
  return level;
}

RowResampler::RowResampler(const AxisWeights& axis, SimdLevel level) : axis_(axis) {
  if (level != SimdLevel::avx2) return;
  packed_weights_ = avx2::pack_weights(axis);
  if (!packed_weights_.empty()) avx2_readable_bytes_ = avx2::readable_bytes(axis);
}

void RowResampler::run(const std::uint8_t* in, std::size_t readable, std::uint8_t* out) const {
  if (packed_weights_.empty() || readable < avx2_readable_bytes_) return resample_row_portable(in, axis_, out);
  avx2::resample_row(in, axis_, packed_weights_.data(), out);
}

void blend_rows(const std::uint8_t* in, std::size_t stride, const std::int32_t* weights, int count,
                std::size_t byte_count, std::uint8_t* out, SimdLevel level) {
  std::size_t done = 0;
  if (level == SimdLevel::avx2) done = avx2::blend_rows(in, stride, weights, count, byte_count, out);
  for (std::size_t x = done; x < byte_count; ++x) {
    std::int32_t sum = 0;
    for (int i = 0; i < count; ++i) sum += in[static_cast<std::size_t>(i) * stride + x] * weights[i];
    out[x] = round_weighted_sum(sum);
  }
}

}  // namespace qeval
