#include "tools/qeval/text/layer_progress.h"

#include <algorithm>
#include <utility>

#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

constexpr std::chrono::seconds most_between_lines{60};

}  // namespace

LayerProgress::LayerProgress(ProgressMode mode, std::string label, std::size_t done, std::size_t total)
    : quiet_(mode == ProgressMode::none) {
  figures_.label = std::move(label);
  figures_.before = figures_.done = done;
  figures_.total = total;
}

void LayerProgress::within(const std::string& layer, double share) {
  figures_.layer = layer;
  figures_.share = share;
  write_if_due();
}

void LayerProgress::done(const std::string& layer) {
  ++figures_.done;
  figures_.layer = layer;
  figures_.share.reset();
  write_if_due();
}

void LayerProgress::write_if_due() {
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || (figures_.done != figures_.total && now - last_line_ < between_lines_)) return;
  figures_.seconds = std::chrono::duration<double>(now - began_).count();
  err("{}\n", layer_line(figures_, error_columns()));
  last_line_ = now;
  between_lines_ = std::min(between_lines_ * 2, most_between_lines);
}

}  // namespace qeval
