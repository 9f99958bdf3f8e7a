#pragma once
/// The loops of requantize_kernels.h for QEVAL_TARGET_AVX512. Thread-safety: free functions. Errors: none.
#include "stages/infer/kernels/requantize_kernels.h"

namespace qeval {

bool guess_quads_avx512(const QuadSums& sums, const GuessedGrid& grid, std::uint32_t* quads);
bool guess_sums_avx512(const CodePair& pair, int count, const GuessedGrid& grid, std::uint8_t* out);

}  // namespace qeval
