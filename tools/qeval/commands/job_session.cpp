#include "tools/qeval/commands/job_session.h"

#include "stages/infer/executor_library.h"
#include "tools/qeval/user_memory.h"

namespace qeval {

JobSession::JobSession(const std::filesystem::path& database, ProgressMode progress)
    : store_(RunStore::open(database)),
      guard_(stop_),
      observer_(progress),
      memory_(open_user_memory()),
      context_{*store_, stop_, observer_, executor_library(), memory_.get()} {}

}  // namespace qeval
