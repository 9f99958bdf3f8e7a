#include "jobs/prepare/changed_inputs.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/prepare/changed_images.h"

namespace qeval {
namespace {

/// "calibrated KEY" → KEY.
std::string key_of_encodings(const std::string& component) { return component.substr(component.find(' ') + 1); }

class Difference {
 public:
  Difference(const StoredInputs& stored, const PreparedVariant& now) : stored_(stored), now_(now) {}

  std::string between(const KeyComponents& have, const KeyComponents& wanted) const {
    std::vector<std::string> parts;
    for (const std::string& name : differing_components(have, wanted)) {
      const auto before = have.find(name);
      const std::string more = before == have.end() ? "" : detail(name, before->second);
      parts.push_back(more.empty() ? name : fmt::format("{} ({})", name, more));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
  }

 private:
  std::string detail(const std::string& name, const std::string& before) const {
    if (name == "manifest") return changed_images_text(stored_.samples(before), now_.images.evaluation);
    if (name == "calibration_manifest") return changed_images_text(stored_.samples(before), now_.images.calibration);
    if (name == "encodings")
      return between_encodings(stored_.components(key_of_encodings(before)), now_.identity.encodings.components);
    if (name == "tuning" && now_.recipe.tuning)
      return between_encodings(stored_.components(key_of_encodings(before)), now_.identity.tuning.components);
    return "";
  }

  /// Older files do not know how a calibration that was never finished came about.
  std::string between_encodings(const KeyComponents& have, const KeyComponents& wanted) const {
    return have.empty() ? "" : between(have, wanted);
  }

  const StoredInputs& stored_;
  const PreparedVariant& now_;
};

}  // namespace

std::string changed_inputs_text(const StoredInputs& stored, const RunRecord& run, const PreparedVariant& now) {
  return Difference(stored, now).between(run.key_components, now.identity.evaluation.components);
}

}  // namespace qeval
