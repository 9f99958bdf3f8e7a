#include "tools/qeval/html/reliability_chart.h"

#include <algorithm>

#include <fmt/core.h>

#include "tools/qeval/html/chart_axis.h"

namespace qeval {
namespace {

struct Diagram {
  ChartAxis across, up;
  PlotArea area{48, 560, 30, 380};

  double x(double confidence) const { return across.place(100 * confidence, area.left, area.right); }
  double y(double accuracy) const { return up.place(100 * accuracy, area.bottom, area.top); }
};

Diagram diagram_of(const std::vector<std::vector<ReliabilityBin>>& curves) {
  std::vector<double> confidences, accuracies;
  for (const auto& curve : curves)
    for (const ReliabilityBin& bin : curve) {
      confidences.push_back(100 * bin.confidence());
      accuracies.push_back(100 * bin.accuracy());
    }
  return {axis_around(confidences), axis_around(accuracies)};
}

/// Where confidence and accuracy are the same, as far as both axes have it.
void draw_diagonal(HtmlWriter& html, const Diagram& diagram) {
  const double low = std::max(diagram.across.low, diagram.up.low) / 100;
  const double high = std::min(diagram.across.high, diagram.up.high) / 100;
  if (low >= high) return;
  draw_line(html,
            fmt::format("M{} {}L{} {}", pixel(diagram.x(low)), pixel(diagram.y(low)), pixel(diagram.x(high)),
                        pixel(diagram.y(high))),
            "zero");
}

void draw_curve(HtmlWriter& html, const Diagram& diagram, const std::vector<ReliabilityBin>& curve,
                std::size_t series) {
  std::string path;
  for (const ReliabilityBin& bin : curve)
    path += fmt::format("{}{} {}", path.empty() ? "M" : "L", pixel(diagram.x(bin.confidence())),
                        pixel(diagram.y(bin.accuracy())));
  if (path.empty()) return;
  draw_line(html, path, fmt::format("s{}", series));
  for (const ReliabilityBin& bin : curve)
    draw_mark(html, series, diagram.x(bin.confidence()), diagram.y(bin.accuracy()));
}

}  // namespace

void draw_reliability_chart(HtmlWriter& html, const std::vector<std::vector<ReliabilityBin>>& curves,
                            const std::string& description) {
  const Diagram diagram = diagram_of(curves);
  const ChartFrame frame(html, 760, 424, description);
  draw_horizontal_axis(html, diagram.across, diagram.area, "probability of the answer, mean of the bin, %");
  draw_vertical_axis(html, diagram.up, diagram.area, "right, %");
  draw_diagonal(html, diagram);
  for (std::size_t series = 0; series < curves.size(); ++series) draw_curve(html, diagram, curves[series], series);
}

}  // namespace qeval
