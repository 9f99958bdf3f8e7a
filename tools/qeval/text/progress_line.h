#pragma once
/// Text of a progress line. Pure functions.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace qeval {

struct ProgressFigures {
  std::string label;
  std::int64_t done = 0, total = 0;                   ///< images
  std::optional<std::pair<double, double>> accuracy;  ///< top-1 and top-5 as fractions of 1
  double images_per_second = 0;                       ///< 0 = not known yet
  std::string waiting_on;                             ///< name of a node; empty = not known
};

struct LineStyle {
  int columns = 79;  ///< the line is no wider
  bool utf8 = false;
  bool color = false;
};

/// Without bar, colour or limit: for logs.
std::string plain_line(const ProgressFigures& figures);

/// With a bar of eight columns at least, for which "waiting on" goes first, then top-5; where that is not enough
/// without it, and with as many figures as fit.
std::string bar_line(const ProgressFigures& figures, const LineStyle& style);

/// Images per second: "2,431", "42.0", "5.25".
std::string rate_text(double images_per_second);

/// "1:02:03" or "2:03".
std::string duration_text(double seconds);

/// Work that goes through a network layer by layer.
struct LayerFigures {
  std::string label;
  std::size_t before = 0, done = 0, total = 0;  ///< layers: done by earlier attempts, in all, of all
  std::string layer;                            ///< the last one, or the one that is worked on
  std::optional<double> share;                  ///< of it, 0 … 1, while it is worked on
  double seconds = 0;                           ///< of this attempt
};

/// "w8a8 AdaRound: 12 of 50 layers, conv3 40 %  ETA 1:02:03". The time left counts layers as equals.
/// Without the layer where that takes more than `columns`.
std::string layer_line(const LayerFigures& figures, std::size_t columns);

}  // namespace qeval
