#pragma once
/// Runs one batch many times with different quantizers on, computing shared prefixes of the network once.
///
/// Thread-safety: measure may be called concurrently; each call computes on its caller's thread alone.
/// Memory: at most five passes' live values at a time, and per batch the logits of every group.
/// Errors: UsageError for encodings or a device that do not fit; RunError for a device lost or out of memory.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "stages/infer/executor.h"
#include "stages/quant/placement/quantizer_groups.h"

namespace qeval {

enum class SensitivityMode {
  only_one_on,  ///< all quantizers off but one group's; the reference is the unquantized network
  all_but_one   ///< all on but one group's; the reference is the fully quantized network
};

/// Sums of squares are per image, over the output of the group's first node, in double.
struct GroupEffect {
  std::string node;                      ///< the group's first
  std::vector<float> logits;             ///< [n, classes], with the group switched as the mode says
  std::vector<double> signal;            ///< of the unquantized output
  std::vector<double> local_noise;       ///< of its difference to the output with this group alone on
  std::vector<double> cumulative_noise;  ///< of its difference to the output with every quantizer up to here on
};

struct SensitivityBatch {
  std::vector<float> float_logits, quantized_logits;  ///< [n, classes], every quantizer off, on
  std::vector<GroupEffect> groups;                    ///< as given to the maker
};

class SensitivityExecutor {
 public:
  virtual ~SensitivityExecutor() = default;
  /// images: f32 NCHW [n, 3, H, W]. Every logit has the bits that an executor of the same kind gives whose table has
  /// encodings for just the quantizers that are on.
  virtual SensitivityBatch measure(std::span<const float> images, int n) const = 0;

  /// As Executor::first_not_finite, of one of a SensitivityBatch's networks: 0 the float one, 1 the quantized one, then
  /// one per group.
  virtual std::string first_not_finite(std::span<const float> images, int n, int image, std::size_t network) const = 0;
};

}  // namespace qeval
