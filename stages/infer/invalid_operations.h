#pragma once
/// Whether this thread has computed anything invalid since the object was made: a NaN from infinities, or the larger of
/// a NaN and a number. Costs nothing, because the processor notes it anyway. Some functions (exp) do so on their way to
/// a number, so ask about as little as possible. CPU only. Thread-safety: speaks of the thread that asks.
#include <cfenv>

namespace qeval {

class InvalidOperations {
 public:
  InvalidOperations() { std::feclearexcept(FE_INVALID); }
  bool occurred() const { return std::fetestexcept(FE_INVALID) != 0; }
};

}  // namespace qeval
