#include "tools/qeval/layer_progress.h"

#include <cstdio>
#include <utility>

#include <fmt/core.h>

#include "tools/qeval/progress_line.h"

namespace qeval {
namespace {

constexpr std::chrono::seconds k_between_lines{5};

}  // namespace

LayerProgress::LayerProgress(ProgressMode mode, std::string label, std::size_t done, std::size_t total)
    : quiet_(mode == ProgressMode::none), label_(std::move(label)), before_(done), done_(done), total_(total) {}

void LayerProgress::done(const std::string& layer) {
  ++done_;
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || (done_ != total_ && now - last_line_ < k_between_lines)) return;
  const std::chrono::duration<double> took = now - began_;
  fmt::print(stderr, "{}\n", layer_line(label_, done_, total_, layer, done_ - before_, took.count()));
  last_line_ = now;
}

}  // namespace qeval
