#include "tools/qeval/html/interval_chart.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "tools/qeval/html/chart_axis.h"

namespace qeval {
namespace {

constexpr double interval_chart_width = 760, interval_row = 26, interval_label = 216;
constexpr std::size_t interval_label_characters = 27;

ChartAxis axis_of_intervals(const std::vector<IntervalMark>& marks, bool zero) {
  std::vector<double> values;
  if (zero) values.push_back(0);
  for (const IntervalMark& mark : marks) values.insert(values.end(), {mark.value, mark.low, mark.high});
  return axis_around(values);
}

void draw_interval(HtmlWriter& html, const IntervalMark& mark, const ChartAxis& axis, const PlotArea& area, double y) {
  const auto x = [&](double value) { return axis.place(value, area.left, area.right); };
  {
    const auto label = html.element("text", {{"x", pixel(area.left - 12)}, {"y", pixel(y + 4)}, {"class", "end"}});
    html.leaf("title", mark.label);
    html.text(shortened(mark.label, interval_label_characters));
  }
  if (!std::isfinite(mark.value)) return draw_text(html, area.left + 4, y + 4, "not finite", "soft");
  if (std::isfinite(mark.low) && std::isfinite(mark.high))
    draw_line(html,
              fmt::format("M{0} {2}H{1}M{0} {3}v8M{1} {3}v8", pixel(x(mark.low)), pixel(x(mark.high)), pixel(y),
                          pixel(y - 4)),
              fmt::format("s{}", mark.series));
  draw_mark(html, mark.series, x(mark.value), y);
}

}  // namespace

void draw_interval_chart(HtmlWriter& html, const std::vector<IntervalMark>& marks, const std::string& axis_title,
                         const std::string& description, bool zero) {
  const double height = interval_row * static_cast<double>(marks.size());
  const PlotArea area{interval_label, interval_chart_width - 20, 6, 10 + height};
  const ChartAxis axis = axis_of_intervals(marks, zero);
  const ChartFrame frame(html, interval_chart_width, area.bottom + 42, description);
  draw_horizontal_axis(html, axis, area, axis_title);
  if (zero) {
    const double x = axis.place(0, area.left, area.right);
    draw_line(html, fmt::format("M{} {}V{}", pixel(x), pixel(area.top), pixel(area.bottom)), "zero");
  }
  double y = area.top + interval_row / 2;
  for (const IntervalMark& mark : marks) {
    draw_interval(html, mark, axis, area, y);
    y += interval_row;
  }
}

}  // namespace qeval
