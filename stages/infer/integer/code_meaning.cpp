#include "stages/infer/integer/code_meaning.h"

#include <algorithm>
#include <cmath>

#include "stages/quant/arithmetic/grids.h"

namespace qeval {
namespace {

float code_before_clamping(float value, const QdqParameters& grid) {
  float code = 0;
  with_grid(grid, [&](const auto& g) { code = g.code(value); });
  return code;
}

}  // namespace

float Limits::operator()(float value) const { return std::min(std::max(value, low), high); }

Limits Limits::clamped(Limits then) const { return {then(low), then(high)}; }

float CodeMeaning::real(int code) const { return limits((static_cast<float>(code) + grid.offset) * grid.scale); }

std::array<float, 256> CodeMeaning::reals() const {
  std::array<float, 256> values;
  for (int code = 0; code < 256; ++code) values[static_cast<std::size_t>(code)] = real(code);
  return values;
}

std::optional<CodeMeaning> code_meaning(const Encoding& encoding, NumericsMode mode) {
  const QdqParameters grid = make_qdq(encoding, mode);
  if (grid.float16 || grid.levels > 255) return std::nullopt;
  if (grid.offset != std::rint(grid.offset) || grid.offset > 0 || grid.offset + grid.levels < 0) return std::nullopt;
  constexpr float largest = std::numeric_limits<float>::max();
  if (code_before_clamping(-largest, grid) != 0 || code_before_clamping(largest, grid) != grid.levels)
    return std::nullopt;
  return CodeMeaning{grid, {}};
}

void write_codes(std::span<const float> values, const QdqParameters& grid, std::uint8_t* codes) {
  std::array<std::uint32_t, 512> wide;
  for (std::size_t at = 0; at < values.size(); at += wide.size()) {
    const std::size_t count = std::min(wide.size(), values.size() - at);
    quantize_codes(values.subspan(at, count), std::span(wide).first(count), grid);
    std::copy_n(wide.begin(), count, codes + at);
  }
}

CodeMap codes_of_values(const std::array<float, 256>& values, const QdqParameters& grid) {
  CodeMap map;
  write_codes(values, grid, map.data());
  return map;
}

CodeMap recoding(const CodeMeaning& from, const QdqParameters& grid) { return codes_of_values(from.reals(), grid); }

}  // namespace qeval
