#include "stages/infer/integer/integer_pairs.h"

#include <algorithm>
#include <array>

#include "stages/infer/integer/requantize.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr std::size_t chunk = 512;  ///< values that are looked at together; whole pixels

[[gnu::always_inline]] inline float limited(float y, float low, float high) {
  y = y < low ? low : y;
  return y > high ? high : y;
}

[[gnu::always_inline]] inline void decode_body(const std::uint8_t* codes, std::size_t n, CodeUnit unit, float* values) {
  for (std::size_t i = 0; i < n; ++i)
    values[i] = limited((static_cast<float>(codes[i]) + unit.offset) * unit.unit, unit.low, unit.high);
}
QEVAL_DEFINE_FOR_EACH_ISA(void, decode, (const std::uint8_t* codes, std::size_t n, CodeUnit unit, float* values),
                          (codes, n, unit, values))

template <Op op>
[[gnu::always_inline]] inline float result(float a, float b) {
  if constexpr (op == Op::add) return a + b;
  if constexpr (op == Op::sub) return a - b;
  if constexpr (op == Op::mul) return a * b;
  if constexpr (op == Op::minimum) return a < b ? a : b;
  return a > b ? a : b;
}

template <Op op>
[[gnu::always_inline]] inline void combine_as(const float* a, const float* b, std::size_t n, Limits limits,
                                              float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = limited(result<op>(a[i], b[i]), limits.low, limits.high);
}

[[gnu::always_inline]] inline void combine_body(Op op, const float* a, const float* b, std::size_t n, Limits limits,
                                                float* out) {
  switch (op) {
    case Op::add: return combine_as<Op::add>(a, b, n, limits, out);
    case Op::sub: return combine_as<Op::sub>(a, b, n, limits, out);
    case Op::mul: return combine_as<Op::mul>(a, b, n, limits, out);
    case Op::minimum: return combine_as<Op::minimum>(a, b, n, limits, out);
    default: return combine_as<Op::maximum>(a, b, n, limits, out);
  }
}
QEVAL_DEFINE_FOR_EACH_ISA(void, combine,
                          (Op op, const float* a, const float* b, std::size_t n, Limits limits, float* out),
                          (op, a, b, n, limits, out))

/// One image's codes of a quad.
class Operand {
 public:
  Operand(const std::uint8_t* codes, const Slot& slot, const Slot& to, const CodeMeaning& meaning)
      : codes_(codes),
        bytes_(static_cast<std::size_t>(slot.shape.pixels()) * lanes),
        repeated_(slot.shape.pixels() != to.shape.pixels()),
        unit_(unit_of(meaning)) {}

  void read(std::size_t plane, std::size_t at, std::size_t count, float* values) const {
    const std::uint8_t* from = codes_ + plane * bytes_;
    if (!repeated_) return decode(from + at, count, unit_, values);
    if (at > 0) return;  // it is there from the time before
    decode(from, lanes, unit_, values);
    for (std::size_t i = lanes; i < count; ++i) values[i] = values[i - lanes];
  }

 private:
  const std::uint8_t* codes_;
  std::size_t bytes_;
  bool repeated_;
  CodeUnit unit_;
};

class Pair : public IntegerStep {
 public:
  explicit Pair(const IntegerPair& pair) : pair_(pair) {}

  void run(Workspace& workspace) const override {
    const Operand a(workspace.codes(pair_.a), pair_.a, pair_.to, pair_.a_meaning);
    const Operand b(workspace.codes(pair_.b), pair_.b, pair_.to, pair_.b_meaning);
    std::uint8_t* to = workspace.codes(pair_.to);
    const auto planes = static_cast<std::size_t>(pair_.to.shape.quads()) * static_cast<std::size_t>(workspace.images());
    const std::size_t bytes = static_cast<std::size_t>(pair_.to.shape.pixels()) * lanes;
    for (std::size_t plane = 0; plane < planes; ++plane, to += bytes) write_plane(a, b, plane, bytes, to);
  }

 private:
  void write_plane(const Operand& a, const Operand& b, std::size_t plane, std::size_t bytes, std::uint8_t* to) const {
    std::array<float, chunk> first, second, result;
    for (std::size_t at = 0; at < bytes; at += chunk) {
      const std::size_t count = std::min(chunk, bytes - at);
      a.read(plane, at, count, first.data());
      b.read(plane, at, count, second.data());
      combine(pair_.op, first.data(), second.data(), count, pair_.limits, result.data());
      write_codes({result.data(), count}, pair_.grid, to + at);
    }
  }

  IntegerPair pair_;
};

}  // namespace

bool pairs_codes(Op op) {
  return op == Op::add || op == Op::sub || op == Op::mul || op == Op::minimum || op == Op::maximum;
}

float combined(Op op, float a, float b) {
  float result;
  combine_body(op, &a, &b, 1, {}, &result);
  return result;
}

std::unique_ptr<IntegerStep> make_integer_pair(const IntegerPair& pair) { return std::make_unique<Pair>(pair); }

}  // namespace qeval
