#pragma once
/// What a variant will really do, echoed before any work: a wrong setting should be seen in the first second.
/// Thread-safety: one thread.
#include <set>
#include <string>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {

/// Of one job's variants, one after the other. What the first one said is not said again.
class SettingsText {
 public:
  std::string of(const PreparedVariant& variant);

 private:
  std::string first_;           ///< its name
  std::set<std::string> told_;  ///< its lines
};

/// "1,000 of 50,000 images, 1,000 of 1,000 classes" of a part of a data set, "50,000 images" of a whole one.
std::string images_text(const VariantImages& images);

/// The same for all variants of a job. Versions of libraries: `show --env`.
std::string device_text(const PreparedVariant& variant, const RunSettings& settings);

}  // namespace qeval
