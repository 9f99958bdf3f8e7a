#pragma once
/// Axes of charts, around the data, and what all charts draw in the same way. Thread-safety: free functions.
#include <string>
#include <string_view>
#include <vector>

#include "tools/qeval/html/html_writer.h"

namespace qeval {

struct ChartAxis {
  double low = 0, high = 1;
  std::vector<double> ticks;
  int decimals = 0;  ///< of the ticks' labels

  /// Where `value` lies between the pixels `from` and `to`.
  double place(double value, double from, double to) const;
  std::string label(double tick) const;
};

/// Ticks at round numbers; about `wanted` of them. Values that are not finite, and none at all, give an axis from 0
/// to 1.
ChartAxis axis_around(const std::vector<double>& values, int wanted = 6);

/// A coordinate in as few digits as can be seen.
std::string pixel(double value);

/// At most `most` characters of a name, the last one "…" where it was cut.
std::string shortened(std::string_view name, std::size_t most);

/// The part of a chart that holds the data, in pixels.
struct PlotArea {
  double left = 0, right = 0, top = 0, bottom = 0;
};

/// An SVG in a box that scrolls where the page is narrower. What is drawn while it is in scope is drawn in it.
class ChartFrame {
 public:
  ChartFrame(HtmlWriter& html, double width, double height, const std::string& description);

 private:
  HtmlWriter::Element box_, svg_;
};

/// Vertical lines and labels below `area`, with `title` under them.
void draw_horizontal_axis(HtmlWriter& html, const ChartAxis& axis, const PlotArea& area, const std::string& title);
/// Horizontal lines and labels left of `area`, with `title` above them.
void draw_vertical_axis(HtmlWriter& html, const ChartAxis& axis, const PlotArea& area, const std::string& title);

/// Series differ by colour and shape. At most four can be told apart.
inline constexpr std::size_t chart_series = 4;
void draw_mark(HtmlWriter& html, std::size_t series, double x, double y);

void draw_text(HtmlWriter& html, double x, double y, const std::string& text, const std::string& style);
void draw_line(HtmlWriter& html, const std::string& path, const std::string& style);

}  // namespace qeval
