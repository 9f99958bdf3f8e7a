#include "tools/qeval/commands/job_session.h"

#include "jobs/prepare/job_check.h"
#include "stages/infer/executor_library.h"
#include "tools/qeval/user_memory.h"

namespace qeval {

JobSession::JobSession(const std::filesystem::path& database, ProgressMode progress)
    : store_(RunStore::open(database)),
      guard_(stop_),
      observer_(progress),
      memory_(open_user_memory()),
      context_{*store_, stop_, observer_, executor_library(), memory_.get()} {}

JobResult run_in_session(const JobSpec& job, const RunJobOptions& options, ProgressMode progress) {
  std::vector<PreparedVariant> variants = check_variants(job, FirstWeights::kept);
  const JobSession session(options.database, progress);
  return run_job(job, options, std::move(variants), session.context());
}

}  // namespace qeval
