#pragma once
/// aimet_torch 2's tf_enhanced and sqnr search over a GrowingHistogram, in f32 and in torch's order of summation.
/// Thread-safety: free function.
#include "stages/quant/analyzers/growing_histogram.h"

namespace qeval {

struct CandidateTorch2 {
  float delta = 0, offset = 0;
};

/// The first candidate of least noise, in (delta, offset) order.
CandidateTorch2 search_torch_2(const GrowingHistogram& histogram, int steps, bool symmetric);

}  // namespace qeval
