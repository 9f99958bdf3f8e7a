#include "jobs/run/job_context.h"

namespace qeval {

ImageSetsSurroundings image_surroundings(const JobContext& context) {
  ImageSetsSurroundings surroundings;
  surroundings.memory = context.memory;
  surroundings.tell = [&observer = context.observer](const std::string& note) { observer.remark("note: " + note); };
  return surroundings;
}

}  // namespace qeval
