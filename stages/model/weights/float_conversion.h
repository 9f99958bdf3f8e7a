#pragma once
/// Element-wise conversion of stored floats to f32, and the scan for values no weight may have.
#include <cstddef>
#include <cstdint>
#include <span>

#include "stages/model/weights/element_type.h"

namespace qeval {

/// IEEE 754 binary16 → binary32, exact (subnormals, infinities and NaN included).
float f16_to_f32(std::uint16_t bits);
/// bfloat16 → binary32, exact.
float bf16_to_f32(std::uint16_t bits);

/// Writes `count` values from `source`, `step_bytes` apart (any alignment, may be negative or 0), to `target`.
/// f64 is rounded to nearest; what does not fit becomes infinite. `type` must be a float type.
void convert_to_f32(ElementType type, const std::uint8_t* source, std::ptrdiff_t step_bytes, float* target,
                    std::size_t count);

/// How many values are NaN or infinite.
std::size_t count_non_finite(std::span<const float> values);

}  // namespace qeval
