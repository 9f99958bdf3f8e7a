#include "jobs/run/job_context.h"

namespace qeval {

ImageSetsSurroundings image_surroundings(const JobContext& context) {
  return {.memory = context.memory,
          .tell = [&observer = context.observer](const std::string& note) { observer.remark("note: " + note); }};
}

}  // namespace qeval
