#pragma once
/// What this processor is and can do. The only place that tells processors apart, but for loops that are written for
/// one of them (stages/image/resample_avx2.cpp, stages/infer/kernels): elsewhere than on x86-64 there is the portable
/// code alone.
/// Thread-safety: free functions. Errors: none.
#include <string>

#if defined(__x86_64__)
#define QEVAL_X86 1
#if defined(__clang__)  // clang-tidy reads this too; Clang has no such preference.
#define QEVAL_VECTORS_OF(bits)
#else
#define QEVAL_VECTORS_OF(bits) ",prefer-vector-width=" #bits
#endif
#define QEVAL_TARGET_AVX2 __attribute__((target("avx2" QEVAL_VECTORS_OF(256))))
#define QEVAL_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl" QEVAL_VECTORS_OF(512))))
#else
#define QEVAL_X86 0
#endif

namespace qeval {

bool has_avx2();
/// All that QEVAL_TARGET_AVX512 names.
bool has_avx512();
/// 8-bit dot products: in 256 bits (beside has_avx2), in 512 (beside has_avx512), and in tiles.
bool has_avx_vnni();
bool has_avx512_vnni();
/// Asks the system for the use of tiles when first called, for all threads; refused, the processor lacks them.
bool has_amx_int8();

/// What libraries choose their kernels by. Part of keys: never change.
/// "AuthenticAMD family 25 model 1"; elsewhere than on x86-64 the kind of machine, and what Linux says of its core.
std::string processor_model();
/// "avx2,avx512f"; elsewhere the kernel's bits.
std::string instruction_sets();

}  // namespace qeval
