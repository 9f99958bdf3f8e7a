#include "tools/qeval/commands/planned_variants.h"

#include "jobs/prepare/job_check.h"
#include "stages/infer/executor_library.h"
#include "tools/qeval/user_memory.h"

namespace qeval {

std::vector<PreparedVariant> planned_variants(const JobSpec& job, std::optional<std::int64_t> limit) {
  std::vector<PreparedVariant> variants = check_variants(job);
  // Complaints about images come after those about all networks, and all of them at once, too.
  JobComplaints complaints(job);
  const auto memory = open_user_memory();
  ImageSets images(job.run, nullptr, image_surroundings(memory.get()));
  for (PreparedVariant& v : variants) prepare_images(v, job, limit, images, executor_library(), complaints);
  complaints.stop();
  return variants;
}

}  // namespace qeval
