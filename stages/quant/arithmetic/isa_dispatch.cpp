#include "stages/quant/arithmetic/isa_dispatch.h"

#include <algorithm>
#include <atomic>

namespace qeval {
namespace {

Isa detect() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return Isa::avx512;
  return __builtin_cpu_supports("avx2") ? Isa::avx2 : Isa::baseline;
}

std::atomic<Isa> limit{Isa::avx512};

}  // namespace

Isa active_isa() {
  static const Isa best = detect();
  return std::min(best, limit.load(std::memory_order_relaxed));
}

void limit_isa(Isa new_limit) { limit.store(new_limit, std::memory_order_relaxed); }

}  // namespace qeval
