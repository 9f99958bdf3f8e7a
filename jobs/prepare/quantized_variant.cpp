#include "jobs/prepare/quantized_variant.h"

#include "pipeline/base/errors.h"

namespace qeval {

const VariantSpec& only_quantized_variant(const JobSpec& job, const std::string& verb) {
  const VariantSpec* found = nullptr;
  std::string names;
  for (const VariantSpec& variant : job.variants) {
    if (!variant.quantization.enabled) continue;
    found = &variant;
    names += (names.empty() ? "" : ", ") + variant.name;
  }
  if (!found)
    throw UsageError(verb + ": no quantized variant of " + job.name +
                     " is chosen; --variant takes one that is quantized");
  if (found->name != names) throw UsageError(verb + ": which variant? --variant takes one of " + names);
  return *found;
}

}  // namespace qeval
