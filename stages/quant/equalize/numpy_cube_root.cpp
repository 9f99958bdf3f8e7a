#include "stages/quant/equalize/numpy_cube_root.h"

#include <array>
#include <cmath>

namespace qeval {
namespace {

constexpr float third = 1.0f / 3.0f;

/// (2^r − 1) / r for 0 ≤ r < 1/16.
float growth(float r) { return std::fma(std::fma(0x1.d0a992p-5f, r, 0x1.ebe2d8p-3f), r, 0x1.62e444p-1f); }

std::array<float, 16> rounded_powers() {
  std::array<float, 16> powers;
  for (std::size_t k = 0; k < powers.size(); ++k)
    powers[k] = static_cast<float>(std::exp2(static_cast<double>(k) / 16));
  return powers;
}

}  // namespace

float numpy_cube_root(float x) {
  if (!std::isnormal(x) || x < 0) return std::pow(x, third);
  static const std::array<float, 16> powers = rounded_powers();
  const double exponent = std::log2(static_cast<double>(x)) * third;
  const double sixteenths = std::floor(exponent * 16);
  const double whole = std::floor(sixteenths / 16);
  const float power = powers[static_cast<std::size_t>(sixteenths - 16 * whole)];
  const auto rest = static_cast<float>(exponent - sixteenths / 16);
  return std::ldexp(std::fma(rest * power, growth(rest), power), static_cast<int>(whole));
}

}  // namespace qeval
