#include "tools/qeval/html/range_bars_chart.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "tools/qeval/html/chart_axis.h"

namespace qeval {
namespace {

constexpr double bar_pixels = 176;

std::string end_text(double value) { return fmt::format("{}{:.3g}", value < 0 ? "−" : "", std::abs(value)); }

}  // namespace

RangeAxis::RangeAxis(std::span<const std::pair<double, double>> ranges) {
  double smallest = 0;
  bool any = false;
  for (const auto& [low, high] : ranges) {
    if (!std::isfinite(low) || !std::isfinite(high)) continue;
    low_ = any ? std::min(low_, low) : std::min(0.0, low);
    high_ = any ? std::max(high_, high) : std::max(0.0, high);
    const double reach = std::max(std::abs(low), std::abs(high));
    if (reach > 0) smallest = smallest == 0 ? reach : std::min(smallest, reach);
    any = true;
  }
  if (!(high_ > low_)) high_ = low_ + 1;
  // Not finer than a millionth of the axis: a dead channel must not squeeze all others.
  if (smallest > 0) linear_ = std::max(smallest, 1e-6 * std::max(-low_, high_));
}

double RangeAxis::bent(double value) const { return std::copysign(std::log1p(std::abs(value) / linear_), value); }

double RangeAxis::place(double value) const {
  return std::clamp((bent(value) - bent(low_)) / (bent(high_) - bent(low_)), 0.0, 1.0);
}

std::string RangeAxis::text() const {
  return fmt::format("{} … {}, logarithmic beyond ±{:.2g}", end_text(low_), end_text(high_), linear_);
}

void draw_range_bars(HtmlWriter& html, const RangeAxis& axis, std::span<const std::pair<double, double>> ranges) {
  const auto svg = html.element("svg", {{"class", "bar"}, {"viewBox", "0 0 176 14"}, {"aria-hidden", "true"}});
  draw_line(html, fmt::format("M{} 0v14", pixel(bar_pixels * axis.place(0))), "grid");
  for (std::size_t series = 0; series < ranges.size(); ++series) {
    const auto [low, high] = ranges[series];
    if (!std::isfinite(low) || !std::isfinite(high)) continue;
    const double left = bar_pixels * axis.place(low), right = std::max(left + 1, bar_pixels * axis.place(high));
    const int y = ranges.size() == 1 ? 7 : series == 0 ? 4 : 10;
    draw_line(html, fmt::format("M{} {}H{}", pixel(left), y, pixel(right)),
              ranges.size() == 1 ? "s1" : fmt::format("s{}", series));
  }
}

}  // namespace qeval
