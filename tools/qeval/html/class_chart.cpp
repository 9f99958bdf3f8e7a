#include "tools/qeval/html/class_chart.h"

#include <algorithm>

#include <fmt/core.h>

#include "tools/qeval/html/chart_axis.h"

namespace qeval {
namespace {

/// Points of the share of a class's images, sorted.
std::vector<double> sorted_points(const std::vector<ClassChange>& changes) {
  std::vector<double> points;
  points.reserve(changes.size());
  for (const ClassChange& change : changes)
    points.push_back(100.0 * static_cast<double>(change.right_second - change.right_first) /
                     static_cast<double>(change.images));
  std::sort(points.begin(), points.end());
  return points;
}

constexpr std::size_t few_classes = 100;

/// A dot for each class. Of many, those that changed equally are beside each other, and one stroke: so a thousand of
/// them are a few hundred bytes.
std::string path_of_dots(const std::vector<double>& points, const ChartAxis& axis, const PlotArea& area) {
  const auto x = [&](std::size_t rank) {
    const double step = (area.right - area.left) / static_cast<double>(points.size());
    return pixel(area.left + (static_cast<double>(rank) + 0.5) * step);
  };
  std::string path;
  for (std::size_t first = 0, behind = 0; first < points.size(); first = behind) {
    ++behind;
    while (points.size() >= few_classes && behind < points.size() && points[behind] == points[first]) ++behind;
    path += fmt::format("M{} {}H{}", x(first), pixel(axis.place(points[first], area.bottom, area.top)), x(behind - 1));
  }
  return path;
}

}  // namespace

void draw_class_chart(HtmlWriter& html, const std::vector<ClassChange>& changes, const std::string& description) {
  if (changes.empty()) return;
  const std::vector<double> points = sorted_points(changes);
  const PlotArea area{48, 740, 30, 240};
  const ChartAxis axis = axis_around({0, points.front(), points.back()});
  const ChartFrame frame(html, 760, 272, description);
  draw_vertical_axis(html, axis, area, "change of the share that is right, points");
  const double zero = axis.place(0, area.bottom, area.top);
  draw_line(html, fmt::format("M{} {}H{}", pixel(area.left), pixel(zero), pixel(area.right)), "zero");
  draw_line(html, path_of_dots(points, axis, area), points.size() < few_classes ? "s1 dots few" : "s1 dots");
  draw_text(html, area.left, area.bottom + 22, "most hurt", "soft");
  draw_text(html, (area.left + area.right) / 2, area.bottom + 22, fmt::format("{} classes", points.size()),
            "soft middle");
  draw_text(html, area.right, area.bottom + 22, "gained most", "soft end");
}

}  // namespace qeval
