#pragma once
/// Progress of a run on stderr: one line rewritten in place on a terminal, a plain line now and then elsewhere.
///
///   w8a8  ━━━━━━━━━━━╺━━━━━━━━━  26,112/50,000  52 %  top-1 78.71 %  top-5 94.10 %  2,431 img/s  ETA 0:10  waiting on:
///   decode
///
/// Thread-safety: stage_busy from any worker; all else from one thread at a time (the graph's serial commit node, then
/// its caller). Ownership: the output's stream and what the accuracy function reads must outlive the reporter.
#include <chrono>
#include <cstdint>

#include "jobs/run/work_observers.h"
#include "tools/qeval/text/busy_meter.h"
#include "tools/qeval/text/progress_line.h"
#include "tools/qeval/text/progress_output.h"

namespace qeval {

enum class ProgressMode {
  automatic,  ///< bar on a terminal that can rewrite a line, lines elsewhere
  bar,        ///< one line, rewritten at most ten times a second
  lines,      ///< a line every 30 s or 5 %, whichever comes first
  none
};

class ProgressReporter : public ImageObserver {
 public:
  ProgressReporter(ProgressMode mode, ImageWork work, ProgressOutput output = stderr_output());
  ~ProgressReporter() override;
  ProgressReporter(const ProgressReporter&) = delete;
  ProgressReporter& operator=(const ProgressReporter&) = delete;

  void stage_busy(int node, std::int64_t nanoseconds) override;
  void batch_committed(const Batch& batch) override;

  /// Writes where the run ended, if that was not told yet, and leaves the cursor on a fresh line. May be called again.
  void finish() override;

 private:
  using Clock = std::chrono::steady_clock;

  bool line_is_due(Clock::time_point now) const;
  void write(Clock::time_point now);
  ProgressFigures figures(Clock::time_point now);

  ProgressMode mode_;
  ImageWork work_;
  ProgressOutput output_;
  BusyMeter meter_;
  std::int64_t done_;
  Clock::time_point begin_;
  Clock::time_point last_line_;
  std::int64_t done_at_last_line_;
  bool line_open_ = false;  ///< the cursor stands in a line that is to be rewritten
};

}  // namespace qeval
