#pragma once
/// Per-image outcome of a classifier, from its logits or the probabilities it ends in. Equal logits, which 8-bit
/// outputs often have, are ordered as torch.topk(5) orders them on a CPU, hence as the scores that AIMET and
/// torchvision publish: not by class index, but by what the standard library's selection does (2.42 gives
/// EfficientNet-Lite0 870 of 1,000 that way, 866 by the index).
/// A row with a NaN or an infinity says nothing: it is not finite, and all classes are −1.
#include <array>
#include <span>

namespace qeval {

/// What a network's last numbers are.
enum class ScoreKind { logits, probabilities, log_probabilities };

struct TopK {
  std::array<int, 5> classes{-1, -1, -1, -1, -1};  ///< best first; −1 where there are fewer classes
  float probability = 0;  ///< of the best: the network's own number, or the softmax of its logits, computed in double
  float margin = 0;       ///< probability of the best minus that of the second
  bool finite = true;     ///< every logit is
};

TopK top_k(std::span<const float> logits, ScoreKind kind = ScoreKind::logits);

/// The rule for equal logits. Part of a run's identity: changes with it.
inline constexpr const char* top_k_rule = "torch.topk(5)";

}  // namespace qeval
