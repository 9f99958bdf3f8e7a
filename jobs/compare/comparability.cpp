#include "jobs/compare/comparability.h"

#include "jobs/compare/stored_run.h"
#include "jobs/prepare/changed_images.h"
#include "jobs/prepare/job_fields.h"

namespace qeval {
bool same_pictures(const RunRecord& first, const RunRecord& second) {
  return key_component(first, "manifest") == key_component(second, "manifest") &&
         key_component(first, "preprocess") == key_component(second, "preprocess");
}

std::vector<std::string> differing_pictures(const StoredInputs& stored, const RunRecord& first,
                                            const RunRecord& second) {
  std::vector<std::string> differences;
  if (const std::string a = key_component(first, "manifest"), b = key_component(second, "manifest"); a != b) {
    const std::string images = changed_images_text(stored.samples(a), stored.samples(b));
    differences.push_back("images: " + (images.empty() ? "in another order" : images));
  }
  if (key_component(first, "preprocess") == key_component(second, "preprocess")) return differences;
  const std::size_t before = differences.size();
  for (const FieldChange& change :
       differing_fields(variant_in_job(first, first.variant), variant_in_job(second, second.variant), "preprocess"))
    differences.push_back(change_text(change));
  // The job says the same; what carries it out is another version.
  if (differences.size() == before)
    differences.push_back(change_text(
        FieldChange{"preprocess", key_component(first, "preprocess"), key_component(second, "preprocess")}));
  return differences;
}

}  // namespace qeval
