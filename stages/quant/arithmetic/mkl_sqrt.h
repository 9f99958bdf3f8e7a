#pragma once
/// The square root that torch.sqrt gives for f32 tensors on an Intel processor with AVX-512: one step of Newton's
/// method from the processor's 14-bit estimate of 1/√x, as MKL's vmsSqrt (high accuracy) takes it. 0.6 % of the results
/// are one unit in the last place below the correctly rounded root. AIMET's torch generations fold batch norms with it,
/// so the last bits of folded weights, and with them the choice between encodings that are equally good, hang on it.
///
/// Found by looking at results: equal for all 2^24 numbers of [1, 4), and for millions between 2^-110 and 2^127. (MKL's
/// AVX2 kernel rounds correctly; on AMD processors it takes one that differs from both: AIMET itself gives other folded
/// weights there.)
/// Thread-safety: free function; the same bits on every processor.

namespace qeval {

/// Zero, infinities, NaN and subnormal numbers as std::sqrt.
float mkl_sqrt(float x);

}  // namespace qeval
