#include "stages/image/resample_weights.h"

#include <algorithm>
#include <cmath>

namespace qeval {
namespace {

double triangle(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

/// Keys' cubic with a = −0.5.
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

std::int32_t to_fixed_point(double weight) {
  const double scaled = weight * (1 << weight_bits);
  return static_cast<std::int32_t>(weight < 0 ? -0.5 + scaled : 0.5 + scaled);
}

class AxisKernel {
 public:
  AxisKernel(int in_size, int out_size, ResizeFilter filter)
      : in_size_(in_size),
        scale_(static_cast<double>(in_size) / out_size),
        filter_scale_(std::max(scale_, 1.0)),
        support_((filter == ResizeFilter::bilinear ? 1.0 : 2.0) * filter_scale_),
        function_(filter == ResizeFilter::bilinear ? triangle : cubic) {}

  int taps() const { return static_cast<int>(std::ceil(support_)) * 2 + 1; }

  AxisWeights::Span span(double center) const {
    const int first = std::max(0, static_cast<int>(center - support_ + 0.5));
    const int end = std::min(in_size_, static_cast<int>(center + support_ + 0.5));
    return {first, end - first};
  }

  double center(int output) const { return (output + 0.5) * scale_; }

  /// Fills `exact` with the normalized weights of one output pixel.
  void weigh(double center, AxisWeights::Span span, std::vector<double>& exact) const {
    const double inverse_scale = 1.0 / filter_scale_;
    exact.resize(span.count);
    double sum = 0.0;
    for (int i = 0; i < span.count; ++i) {
      exact[i] = function_((i + span.first - center + 0.5) * inverse_scale);
      sum += exact[i];
    }
    if (sum == 0.0) return;
    for (double& weight : exact) weight /= sum;
  }

 private:
  int in_size_;
  double scale_, filter_scale_, support_;
  double (*function_)(double);
};

}  // namespace

AxisWeights compute_axis_weights(int in_size, int out_size, int first, int count, ResizeFilter filter) {
  const AxisKernel kernel(in_size, out_size, filter);
  AxisWeights axis;
  axis.taps = kernel.taps();
  axis.spans.reserve(count);
  axis.weights.assign(static_cast<std::size_t>(count) * axis.taps, 0);
  std::vector<double> exact;
  for (int i = 0; i < count; ++i) {
    const double center = kernel.center(first + i);
    const AxisWeights::Span span = kernel.span(center);
    kernel.weigh(center, span, exact);
    std::transform(exact.begin(), exact.end(), axis.weights.begin() + static_cast<std::ptrdiff_t>(i) * axis.taps,
                   to_fixed_point);
    axis.spans.push_back(span);
  }
  return axis;
}

}  // namespace qeval
