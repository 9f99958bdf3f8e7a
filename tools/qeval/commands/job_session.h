#pragma once
/// What the command line gives a job: the database, Ctrl-C, the terminal, LibTorch, and the user's memory of files.
/// Ownership: owns all but LibTorch. Thread-safety: one session alive at a time. Errors: as RunStore::open and
/// LogObserver.
#include <filesystem>
#include <memory>

#include "jobs/run/job_context.h"
#include "jobs/run/run_job.h"
#include "tools/qeval/interrupt.h"
#include "tools/qeval/text/observer_pair.h"
#include "tools/qeval/text/telling.h"
#include "tools/qeval/text/terminal_observer.h"

namespace qeval {

class JobSession {
 public:
  JobSession(const std::filesystem::path& database, const Telling& telling);
  const JobContext& context() const { return context_; }

 private:
  JobObserver& observer();

  std::unique_ptr<RunStore> store_;
  StopToken stop_;
  InterruptGuard guard_;
  TerminalObserver terminal_;
  std::unique_ptr<LogObserver> log_;  ///< none without a log file
  std::unique_ptr<ObserverPair> both_;
  std::unique_ptr<FileMemory> memory_;
  JobContext context_;
};

/// Checks all variants of a job, then runs it in a session of its own. Errors: as check_variants and run_job.
JobResult run_in_session(const JobSpec& job, const RunJobOptions& options, const Telling& telling);

}  // namespace qeval
