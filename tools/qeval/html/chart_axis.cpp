#include "tools/qeval/html/chart_axis.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "pipeline/base/utf8.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

/// 1, 2 or 5 times a power of ten.
double round_step(double width, int wanted) {
  const double rough = width / wanted, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough) return factor * power;
  return 10 * power;
}

}  // namespace

double ChartAxis::place(double value, double from, double to) const {
  return from + (value - low) / (high - low) * (to - from);
}

std::string ChartAxis::label(double tick) const {
  const std::string digits = fmt::format("{:.{}f}", std::abs(tick), decimals);
  return (tick < 0 && digits.find_first_not_of("0.") != std::string::npos ? "−" : "") + digits;
}

ChartAxis axis_around(const std::vector<double>& values, int wanted) {
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](double v) { return std::isfinite(v); });
  double low = 0, high = 1;
  if (!finite.empty()) {
    const auto [least, most] = std::minmax_element(finite.begin(), finite.end());
    low = *least;
    high = *most;
  }
  // One value gets room on both sides.
  const double least_width = std::max(1e-9, std::max(std::abs(low), std::abs(high)) * 1e-3);
  if (high - low < least_width) {
    low -= least_width;
    high += least_width;
  }
  const double step = round_step(high - low, wanted);
  ChartAxis axis{std::floor(low / step) * step, std::ceil(high / step) * step, {}, 0};
  axis.decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  const auto count = static_cast<int>(std::lround((axis.high - axis.low) / step));
  for (int i = 0; i <= count; ++i) axis.ticks.push_back(axis.low + i * step);
  return axis;
}

std::string pixel(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string shortened(std::string_view name, std::size_t most) {
  const std::string shown = visible_name(name);
  std::string_view rest = shown;
  std::string text;
  for (std::size_t characters = 0; !rest.empty(); ++characters) {
    const std::size_t length = utf8_length(rest);
    if (characters + 1 == most && rest.size() > length) return text + "…";
    text += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  return text;
}

ChartFrame::ChartFrame(HtmlWriter& html, double width, double height, const std::string& description)
    : box_(html.element("div",
                        {{"class", "chart"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", description}})),
      svg_(html.element("svg", {{"viewBox", fmt::format("0 0 {} {}", pixel(width), pixel(height))},
                                {"role", "img"},
                                {"aria-label", description}})) {}

void draw_text(HtmlWriter& html, double x, double y, const std::string& text, const std::string& style) {
  html.leaf("text", text, {{"x", pixel(x)}, {"y", pixel(y)}, {"class", style}});
}

void draw_line(HtmlWriter& html, const std::string& path, const std::string& style) {
  html.single("path", {{"class", style}, {"d", path}});
}

void draw_horizontal_axis(HtmlWriter& html, const ChartAxis& axis, const PlotArea& area, const std::string& title) {
  std::string path;
  for (const double tick : axis.ticks)
    path +=
        fmt::format("M{} {}V{}", pixel(axis.place(tick, area.left, area.right)), pixel(area.top), pixel(area.bottom));
  draw_line(html, path, "grid");
  for (const double tick : axis.ticks)
    draw_text(html, axis.place(tick, area.left, area.right), area.bottom + 16, axis.label(tick), "soft middle");
  draw_text(html, (area.left + area.right) / 2, area.bottom + 34, title, "soft middle");
}

void draw_vertical_axis(HtmlWriter& html, const ChartAxis& axis, const PlotArea& area, const std::string& title) {
  std::string path;
  for (const double tick : axis.ticks)
    path +=
        fmt::format("M{} {}H{}", pixel(area.left), pixel(axis.place(tick, area.bottom, area.top)), pixel(area.right));
  draw_line(html, path, "grid");
  for (const double tick : axis.ticks)
    draw_text(html, area.left - 6, axis.place(tick, area.bottom, area.top) + 4, axis.label(tick), "soft end");
  draw_text(html, 0, area.top - 14, title, "soft");
}

void draw_mark(HtmlWriter& html, std::size_t series, double x, double y) {
  const std::string at = fmt::format("M{} {}", pixel(x), pixel(y)), style = fmt::format("s{0} f{0}", series);
  switch (series) {
    case 0: return html.single("circle", {{"class", "f0"}, {"cx", pixel(x)}, {"cy", pixel(y)}, {"r", "4.5"}});
    case 1: return html.single("path", {{"class", style}, {"d", at + "m-4 -4h8v8h-8z"}});
    case 2: return html.single("path", {{"class", style}, {"d", at + "m0 -5l5 9h-10z"}});
    default: return html.single("path", {{"class", style}, {"d", at + "m0 -6l6 6l-6 6l-6 -6z"}});
  }
}

}  // namespace qeval
