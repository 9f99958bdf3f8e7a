#pragma once
/// Images whose logits are NaN or infinite: the network is at fault, not the file. Looks at one of them again, to say
/// where it began.
/// Thread-safety: used from the serial commit node only. Ownership: references must outlive the object.
#include <string>

#include "pipeline/stage.h"
#include "stages/dataset/manifest.h"
#include "stages/infer/executor.h"

namespace qeval {

class NotFiniteImages {
 public:
  /// `known`: what explain said when an earlier part of the same run was computed; empty if it did not.
  NotFiniteImages(const Executor& executor, const Manifest& manifest, std::string known)
      : executor_(executor), manifest_(manifest), explanation_(std::move(known)) {}

  /// Names the first such image and its first node whose output is not finite; the same text for all that follow.
  /// `batch` must still have its slab. Errors: as Executor.
  const std::string& explain(const Batch& batch, std::size_t slot);

 private:
  const Executor& executor_;
  const Manifest& manifest_;
  std::string explanation_;
};

}  // namespace qeval
