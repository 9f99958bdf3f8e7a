#include "tools/qeval/commands/job_file_path.h"

#include "pipeline/base/errors.h"

namespace qeval {
namespace fs = std::filesystem;

fs::path job_file_path(const std::string& name) {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed = program.parent_path().parent_path() / "share" / "qeval" / "jobs" / name;
  if (fs::exists(installed)) return installed;
  const fs::path source = fs::path(QEVAL_JOBS_DIR) / name;
  if (fs::exists(source)) return source;
  throw InputError("job file " + name + " is neither in " + installed.parent_path().string() + " nor in " +
                   source.parent_path().string() +
                   "; install qeval with its jobs, or run a job file with `qeval run FILE`");
}

}  // namespace qeval
