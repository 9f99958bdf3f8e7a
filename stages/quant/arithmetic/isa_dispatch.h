#pragma once
/// Run-time choice of the instruction set of the hot loops. Every loop is written once, as an always-inline body, and
/// compiled for three instruction sets (on x86-64; elsewhere for one); FP contraction is off, so all three give the
/// same bits.
///
/// Explicit function choice instead of target_clones: ifunc resolvers run before a sanitizer's runtime is ready.
/// Thread-safety: all functions may be called from any thread.
#include <atomic>
#include <optional>
#include <string_view>

#include "pipeline/base/processor.h"

namespace qeval {

/// In ascending order. Loops of floats know baseline, avx2 and avx512 alone; those of integer codes know all.
enum class Isa { baseline, avx2, avx_vnni, avx512, amx };
inline constexpr Isa highest_isa = Isa::amx;

/// What loops of floats use: the best of this CPU, or the limit set by limit_isa if that is lower.
Isa active_isa();

/// "baseline", "avx2", "avx-vnni", "avx512", "amx"; nothing for any other text.
std::optional<Isa> parse_isa(std::string_view name);

/// Uses at most `limit` from now on; highest_isa lifts the limit. Results do not change.
void limit_isa(Isa limit);

/// What limit_isa sets. A process that holds this code twice, in the program and in a library, must have one limit.
std::atomic<Isa>& isa_limit();

/// This copy of the code uses `limit` from now on, which must outlive it.
void share_isa_limit(std::atomic<Isa>& limit);

}  // namespace qeval

/// Defines `type name params`, which runs `name_body` compiled for the active instruction set. `params` and `args` are
/// parenthesized lists; `name_body` must be an always-inline function with the same signature.
#if QEVAL_X86
#define QEVAL_DEFINE_FOR_EACH_ISA(type, name, params, args)                         \
  static type name##_baseline params { return name##_body args; }                   \
  QEVAL_TARGET_AVX2 static type name##_avx2 params { return name##_body args; }     \
  QEVAL_TARGET_AVX512 static type name##_avx512 params { return name##_body args; } \
  type name params {                                                                \
    switch (active_isa()) {                                                         \
      case Isa::amx:                                                                \
      case Isa::avx512: return name##_avx512 args;                                  \
      case Isa::avx_vnni:                                                           \
      case Isa::avx2: return name##_avx2 args;                                      \
      case Isa::baseline: break;                                                    \
    }                                                                               \
    return name##_baseline args;                                                    \
  }
#else
#define QEVAL_DEFINE_FOR_EACH_ISA(type, name, params, args) \
  type name params { return name##_body args; }
#endif
