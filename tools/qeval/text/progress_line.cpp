#include "tools/qeval/text/progress_line.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tools/qeval/text/number_text.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

constexpr int bar_least = 8;
constexpr int bar_most = 21;

/// What a narrow line does without, first.
enum class Figures { all, without_stage, without_top5 };

/// All that stands behind the bar, piece by piece.
std::vector<std::string> pieces_of(const ProgressFigures& f, Figures which) {
  std::vector<std::string> pieces{fmt::format("{}/{}", with_commas(f.done), with_commas(f.total)),
                                  fmt::format("{} %", f.total > 0 ? f.done * 100 / f.total : 100)};
  if (f.accuracy) {
    pieces.push_back(fmt::format("top-1 {:.2f} %", f.accuracy->first * 100));
    if (which != Figures::without_top5) pieces.push_back(fmt::format("top-5 {:.2f} %", f.accuracy->second * 100));
  }
  if (f.images_per_second > 0) {
    pieces.push_back(fmt::format("{} img/s", rate_text(f.images_per_second)));
    if (f.done < f.total)
      pieces.push_back("ETA " + duration_text(static_cast<double>(f.total - f.done) / f.images_per_second));
  }
  if (!f.waiting_on.empty() && which == Figures::all) pieces.push_back("waiting on: " + f.waiting_on);
  return pieces;
}

std::string joined(const std::vector<std::string>& pieces) { return fmt::format("{}", fmt::join(pieces, "  ")); }

bool starts_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

int width_of(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), starts_code_point));
}

/// As many of the pieces as fit.
std::string cut_to(std::vector<std::string> pieces, int columns) {
  while (!pieces.empty() && width_of(joined(pieces)) > columns) pieces.pop_back();
  return joined(pieces);
}

std::string repeated(const char* text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string bar_text(const ProgressFigures& f, int cells, const LineStyle& style) {
  const int full = f.total > 0 ? static_cast<int>(f.done * cells / f.total) : cells;
  const int empty = cells - full;
  if (!style.utf8) return repeated("#", full) + repeated("-", empty);
  // Without colour the same stroke would hide how far it is.
  if (!style.color) return repeated("━", full) + repeated("┄", empty);
  return fmt::format("\033[32m{}\033[0m\033[2m{}{}\033[0m", repeated("━", full), empty > 0 ? "╺" : "",
                     repeated("━", empty - 1));
}

}  // namespace

std::string rate_text(double images_per_second) {
  if (images_per_second >= 100) return with_commas(std::llround(images_per_second));
  return fmt::format("{:.{}f}", images_per_second, images_per_second >= 10 ? 1 : 2);
}

std::string duration_text(double seconds) {
  const std::int64_t whole = std::llround(std::min(seconds, 1e9));
  const std::int64_t hours = whole / 3600, minutes = whole / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
  return fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string plain_line(const ProgressFigures& figures) {
  return figures.label + "  " + joined(pieces_of(figures, Figures::all));
}

std::string bar_line(const ProgressFigures& figures, const LineStyle& style) {
  std::vector<std::string> pieces;
  for (const Figures which : {Figures::all, Figures::without_stage, Figures::without_top5}) {
    pieces = pieces_of(figures, which);
    const int room = style.columns - width_of(figures.label) - width_of(joined(pieces)) - 4;
    if (room >= bar_least)
      return figures.label + "  " + bar_text(figures, std::min(room, bar_most), style) + "  " + joined(pieces);
  }
  pieces.insert(pieces.begin(), figures.label);
  return cut_to(std::move(pieces), style.columns);
}

std::string layer_line(const LayerFigures& f, std::size_t columns) {
  const std::string done = fmt::format("{}: {} of {} layers", f.label, f.done, f.total);
  const std::string layer = ", " + f.layer + (f.share ? fmt::format(" {:.0f} %", *f.share * 100) : "");
  const double now = static_cast<double>(f.done - f.before) + f.share.value_or(0);
  const double left = static_cast<double>(f.total - f.before) - now;
  const std::string eta = left > 0 && now > 0 ? "  ETA " + duration_text(f.seconds / now * left) : "";
  return display_width(done + layer + eta) <= columns ? done + layer + eta : done + eta;
}

}  // namespace qeval
