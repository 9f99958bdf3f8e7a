#include "stages/quant/arithmetic/isa_dispatch.h"

#include <algorithm>
#include <utility>

namespace qeval {
namespace {

Isa detect() {
  if (has_avx512()) return Isa::avx512;
  return has_avx2() ? Isa::avx2 : Isa::baseline;
}

std::atomic<Isa> own_limit{highest_isa};
std::atomic<std::atomic<Isa>*> limit_in_use{&own_limit};

}  // namespace

Isa active_isa() {
  static const Isa best = detect();
  return std::min(best, isa_limit().load(std::memory_order_relaxed));
}

std::optional<Isa> parse_isa(std::string_view name) {
  constexpr std::pair<std::string_view, Isa> names[] = {{"baseline", Isa::baseline},
                                                        {"avx2", Isa::avx2},
                                                        {"avx-vnni", Isa::avx_vnni},
                                                        {"avx512", Isa::avx512},
                                                        {"amx", Isa::amx}};
  for (const auto& [word, isa] : names)
    if (word == name) return isa;
  return std::nullopt;
}

void limit_isa(Isa limit) { isa_limit().store(limit, std::memory_order_relaxed); }

std::atomic<Isa>& isa_limit() { return *limit_in_use.load(std::memory_order_acquire); }

void share_isa_limit(std::atomic<Isa>& limit) { limit_in_use.store(&limit, std::memory_order_release); }

}  // namespace qeval
