#pragma once
/// What a sensitivity analysis says about switching its worst modules off together. Thread-safety: free functions.
///
/// Divergences of layers add up well, and are known precisely from few images; single layers' changes of top-1 are not.
/// So a module's blame is the divergence of the groups that switching it off takes along, and of the lost accuracy that
/// share comes back which the worst modules have of the divergence: of the sum of all groups (mode only-one-on), or of
/// the quantized network's, which is what leaving out a group takes away from (all-but-one).
#include <optional>
#include <string>
#include <vector>

#include "jobs/run/sensitivity.h"

namespace qeval {

/// A group's mean divergence in nats: added by it alone, or taken away by leaving it out. Infinite where logits broke.
double group_blame(const SensitivityResult& result, std::size_t group);

struct WithoutWorst {
  std::vector<std::string> modules;  ///< worst first; as quantization.disable takes them
  double remaining = 1;              ///< share of the quantized network's divergence that stays, 0 … 1
};

/// Absent where nothing can be told apart: no image, no divergence, or logits that are not finite.
std::optional<WithoutWorst> predict_without_worst(const SensitivityResult& result, std::size_t count);

}  // namespace qeval
