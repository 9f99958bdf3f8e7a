#include "tools/qeval/text/progress.h"

#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

constexpr std::chrono::milliseconds between_repaints{100};
constexpr std::chrono::seconds between_lines{30};
constexpr std::int64_t lines_per_run = 20;  // one every 5 %

ProgressMode resolved(ProgressMode mode, const ProgressOutput& output) {
  if (mode != ProgressMode::automatic) return mode;
  return output.rewritable ? ProgressMode::bar : ProgressMode::lines;
}

}  // namespace

ProgressReporter::ProgressReporter(ProgressMode mode, ImageWork work, ProgressOutput output)
    : mode_(resolved(mode, output)),
      work_(std::move(work)),
      output_(std::move(output)),
      meter_(work_.nodes),
      done_(work_.already_done),
      begin_(output_.now()),
      last_line_(begin_),
      done_at_last_line_(done_) {
  work_.label = visible_name(work_.label);  // beside escape sequences, where nobody else looks at it
  // The first batch may take long; show at once that it is being worked on.
  if (mode_ == ProgressMode::bar) write(begin_);
}

ProgressReporter::~ProgressReporter() {
  if (line_open_) output_.write("\n");
}

void ProgressReporter::stage_busy(int node, std::int64_t nanoseconds) { meter_.add(node, nanoseconds); }

void ProgressReporter::batch_committed(const Batch& batch) {
  done_ += batch.size;
  if (mode_ == ProgressMode::none) return;
  const Clock::time_point now = output_.now();
  if (line_is_due(now)) write(now);
}

void ProgressReporter::finish() {
  if (mode_ != ProgressMode::none && done_ != done_at_last_line_) write(output_.now());
  if (line_open_) output_.write("\n");
  line_open_ = false;
}

bool ProgressReporter::line_is_due(Clock::time_point now) const {
  if (done_ == work_.total) return true;
  if (mode_ == ProgressMode::bar) return now - last_line_ >= between_repaints;
  return now - last_line_ >= between_lines || (done_ - done_at_last_line_) * lines_per_run >= work_.total;
}

void ProgressReporter::write(Clock::time_point now) {
  const ProgressFigures line = figures(now);
  if (mode_ == ProgressMode::bar) {
    const LineStyle style{output_.columns() - 1, output_.utf8, output_.color};  // the last column would wrap
    output_.write("\r" + bar_line(line, style) + "\033[K");
    line_open_ = true;
  } else {
    output_.write(plain_line(line) + "\n");
  }
  last_line_ = now;
  done_at_last_line_ = done_;
}

ProgressFigures ProgressReporter::figures(Clock::time_point now) {
  ProgressFigures f;
  f.label = work_.label;
  f.done = done_;
  f.total = work_.total;
  if (work_.accuracy) f.accuracy = work_.accuracy();
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  if (seconds > 0) f.images_per_second = static_cast<double>(done_ - work_.already_done) / seconds;
  if (done_ < work_.total) f.waiting_on = meter_.busiest(now);
  return f;
}

}  // namespace qeval
