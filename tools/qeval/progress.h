#pragma once
/// Progress of a run on stderr: one line rewritten in place on a terminal, a plain line now and then elsewhere.
///
///   w8a8  ━━━━━━━━━━━╺━━━━━━━━━  26,112/50,000  52 %  top-1 78.71 %  top-5 94.10 %  2,431 img/s  ETA 0:10  waiting on: decode
///
/// Thread-safety: stage_busy from any worker; all else from one thread at a time (the graph's serial commit node, then
/// its caller). Ownership: the output's stream and what the accuracy function reads must outlive the reporter.
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/run_observer.h"
#include "tools/qeval/busy_meter.h"
#include "tools/qeval/progress_line.h"
#include "tools/qeval/progress_output.h"

namespace qeval {

enum class ProgressMode {
  automatic,  ///< bar on a terminal that can rewrite a line, lines elsewhere
  bar,        ///< one line, rewritten at most ten times a second
  lines,      ///< a line every 30 s or 5 %, whichever comes first
  none
};

struct ProgressSetup {
  std::string label;               ///< what runs, e.g. the variant
  std::int64_t total = 0;          ///< images of the whole run
  std::int64_t already_done = 0;   ///< by earlier attempts; counted as done, not in the rate
  std::vector<MeteredNode> nodes;  ///< in the graph's order: item nodes, batch node, sink
  /// Top-1 and top-5 so far as fractions of 1; asked when a line is written. May be empty or answer nothing.
  std::function<std::optional<std::pair<double, double>>()> accuracy;
};

class ProgressReporter : public RunObserver {
 public:
  ProgressReporter(ProgressMode mode, ProgressSetup setup, ProgressOutput output = stderr_output());
  ~ProgressReporter() override;
  ProgressReporter(const ProgressReporter&) = delete;
  ProgressReporter& operator=(const ProgressReporter&) = delete;

  void stage_busy(int node, std::int64_t nanoseconds) override;
  void batch_committed(const Batch& batch) override;

  /// Writes where the run ended, if that was not told yet, and leaves the cursor on a fresh line. May be called again.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  bool line_is_due(Clock::time_point now) const;
  void write(Clock::time_point now);
  ProgressFigures figures(Clock::time_point now);

  ProgressMode mode_;
  ProgressSetup setup_;
  ProgressOutput output_;
  BusyMeter meter_;
  std::int64_t done_;
  Clock::time_point begin_;
  Clock::time_point last_line_;
  std::int64_t done_at_last_line_;
  bool line_open_ = false;  ///< the cursor stands in a line that is to be rewritten
};

}  // namespace qeval
