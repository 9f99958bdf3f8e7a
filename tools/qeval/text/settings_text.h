#pragma once
/// What a variant will really do, echoed before any work: a wrong setting should be seen in the first second.
/// Thread-safety: one thread.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {

inline constexpr std::size_t settings_indent = 16;  ///< where what a line says begins, behind its label

/// A label, and what is set there.
using SettingsLine = std::pair<std::string, std::string>;

/// Of one job's variants, one after the other: what differs from the one before that is nearest.
class SettingsText {
 public:
  std::string of(const PreparedVariant& variant);

 private:
  struct Told {
    std::string variant;
    std::vector<SettingsLine> lines;
  };
  const Told* nearest(const std::vector<SettingsLine>& lines) const;  ///< null if there is none

  std::vector<Told> told_;
};

/// "1,000 of 50,000 images, 1,000 of 1,000 classes" of a part of a data set, "50,000 images" of a whole one.
std::string images_text(const VariantImages& images);

/// The same for all variants of a job. Versions of libraries: `show --env`.
std::string device_text(const PreparedVariant& variant, const RunSettings& settings);

}  // namespace qeval
