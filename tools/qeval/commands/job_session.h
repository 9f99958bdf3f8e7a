#pragma once
/// What the command line gives a job: the database, Ctrl-C, the terminal, LibTorch, and the user's memory of files.
/// Ownership: owns all but LibTorch. Thread-safety: one session alive at a time. Errors: as RunStore::open.
#include <filesystem>
#include <memory>

#include "jobs/run/job_context.h"
#include "tools/qeval/interrupt.h"
#include "tools/qeval/text/terminal_observer.h"

namespace qeval {

class JobSession {
 public:
  JobSession(const std::filesystem::path& database, ProgressMode progress);
  const JobContext& context() const { return context_; }

 private:
  std::unique_ptr<RunStore> store_;
  StopToken stop_;
  InterruptGuard guard_;
  TerminalObserver observer_;
  std::unique_ptr<FileMemory> memory_;
  JobContext context_;
};

}  // namespace qeval
