#pragma once
/// Thread-safety: a free function.

namespace qeval {

/// E[min(max(X, low), high)] of a normally distributed X (Nagel et al. 2019, "Data-free quantization through weight
/// equalization and bias correction", appendix C). Either limit may be infinite; with low = 0 and high = ∞, a ReLU's:
///   μ·(1 − Φ(−μ/σ)) + σ·φ(−μ/σ)
/// deviation ≥ 0, and 0 for a constant.
double clipped_normal_mean(double mean, double deviation, double low, double high);

}  // namespace qeval
