#include "tools/qeval/commands/job_session.h"

#include "jobs/prepare/job_check.h"
#include "stages/infer/executor_library.h"
#include "tools/qeval/user_memory.h"

namespace qeval {

JobSession::JobSession(const std::filesystem::path& database, const Telling& telling)
    : store_(RunStore::open(database)),
      guard_(stop_),
      terminal_(telling),
      log_(telling.log_file.empty() ? nullptr : std::make_unique<LogObserver>(telling.log_file, telling.log_format)),
      both_(log_ ? std::make_unique<ObserverPair>(terminal_, *log_) : nullptr),
      memory_(open_user_memory()),
      context_{*store_, stop_, observer(), executor_library(), memory_.get()} {}

JobObserver& JobSession::observer() {
  if (both_) return *both_;
  return terminal_;
}

JobResult run_in_session(const JobSpec& job, const RunJobOptions& options, const Telling& telling) {
  std::vector<PreparedVariant> variants = check_variants(job, FirstWeights::kept);
  const JobSession session(options.database, telling);
  return run_job(job, options, std::move(variants), session.context());
}

}  // namespace qeval
