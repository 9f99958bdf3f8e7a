#include "stages/model/weights/float_conversion.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

template <class Stored, class Convert>
void convert_each(const std::uint8_t* source, std::ptrdiff_t step_bytes, float* target, std::size_t count,
                  Convert convert) {
  for (std::size_t i = 0; i < count; ++i) {
    Stored value;
    std::memcpy(&value, source + static_cast<std::ptrdiff_t>(i) * step_bytes, sizeof value);
    target[i] = convert(value);
  }
}

}  // namespace

float f16_to_f32(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t magnitude = bits & 0x7fffu;
  if (magnitude < 0x0400u) {  // zero or subnormal: a multiple of 2^-24
    const auto value = std::bit_cast<std::uint32_t>(static_cast<float>(magnitude) * 0x1p-24f);
    return std::bit_cast<float>(value | sign);
  }
  const std::uint32_t rebias = magnitude >= 0x7c00u ? (255u - 31u) << 23 : (127u - 15u) << 23;
  return std::bit_cast<float>(sign | ((magnitude << 13) + rebias));
}

float bf16_to_f32(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

void convert_to_f32(ElementType type, const std::uint8_t* source, std::ptrdiff_t step_bytes, float* target,
                    std::size_t count) {
  switch (type) {
    case ElementType::f32:
      if (step_bytes == sizeof(float)) {
        std::memcpy(target, source, count * sizeof(float));
        return;
      }
      return convert_each<float>(source, step_bytes, target, count, [](float v) { return v; });
    case ElementType::f16: return convert_each<std::uint16_t>(source, step_bytes, target, count, f16_to_f32);
    case ElementType::bf16: return convert_each<std::uint16_t>(source, step_bytes, target, count, bf16_to_f32);
    case ElementType::f64:
      return convert_each<double>(source, step_bytes, target, count, [](double v) { return static_cast<float>(v); });
    default: throw InternalError("convert_to_f32 was asked to convert integers");
  }
}

std::size_t count_non_finite(std::span<const float> values) {
  // On the bits, in blocks with a 32-bit counter: the compiler vectorizes this for the baseline instruction set.
  constexpr std::size_t block = 1u << 20;
  constexpr std::uint32_t exponent = 0x7f800000u;
  std::size_t total = 0;
  for (std::size_t start = 0; start < values.size(); start += block) {
    std::uint32_t count = 0;
    for (float value : values.subspan(start, std::min(block, values.size() - start)))
      count += (std::bit_cast<std::uint32_t>(value) & exponent) == exponent;
    total += count;
  }
  return total;
}

}  // namespace qeval
