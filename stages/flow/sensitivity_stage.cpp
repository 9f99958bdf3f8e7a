#include "stages/flow/sensitivity_stage.h"

#include <algorithm>
#include <cmath>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/flow/image_payload.h"
#include "stages/metrics/paired_comparison.h"

namespace qeval {
namespace {

/// What a batch of logits says about every good image, beside the float network's and the reference's logits.
class Judge {
 public:
  Judge(const Batch& batch, const Manifest& manifest, std::size_t classes, ScoreKind scores,
        const std::vector<float>& plain, const std::vector<float>& reference)
      : classes_(classes), scores_(scores), plain_(plain) {
    for (int slot = 0; slot < batch.size; ++slot) {
      if (batch.failures[static_cast<std::size_t>(slot)]) continue;
      good_.push_back(static_cast<std::size_t>(slot));
      labels_.push_back(manifest.entries[static_cast<std::size_t>(batch.first_index + slot)].label);
    }
    // Once per batch: every group is compared with the same reference.
    for (std::size_t i = 0; i < good_.size(); ++i) {
      was_right_.push_back(is_right(reference, i));
      divergence_before_.push_back(score_divergence(row(plain, i), row(reference, i), scores_));
    }
  }

  const std::vector<std::size_t>& good() const { return good_; }

  SensitivityPart compare(const std::vector<float>& logits) const {
    SensitivityPart part;
    for (std::size_t i = 0; i < good_.size(); ++i) {
      const bool right = is_right(logits, i), was_right = was_right_[i];
      const double divergence = score_divergence(row(plain_, i), row(logits, i), scores_);
      const double change = divergence - divergence_before_[i];
      ++part.images;
      part.correct += right;
      part.broke += was_right && !right;
      part.fixed += right && !was_right;
      part.divergence += divergence;
      part.change += change;
      part.change_squares += change * change;
    }
    return part;
  }

 private:
  std::span<const float> row(const std::vector<float>& logits, std::size_t i) const {
    return std::span(logits).subspan(good_[i] * classes_, classes_);
  }
  bool is_right(const std::vector<float>& logits, std::size_t i) const {
    return top_k(row(logits, i)).classes[0] == labels_[i];
  }

  std::size_t classes_;
  ScoreKind scores_;
  const std::vector<float>& plain_;
  std::vector<std::size_t> good_;
  std::vector<int> labels_;
  std::vector<bool> was_right_;
  std::vector<double> divergence_before_;
};

/// Comparisons with a NaN or an infinity mean nothing, and would not look like that in a table.
class FiniteCheck {
 public:
  FiniteCheck(const SensitivityExecutor& executor, const Manifest& manifest, const Batch& batch, std::size_t classes)
      : executor_(executor), manifest_(manifest), batch_(batch), classes_(classes) {}

  void logits(const std::vector<float>& all, std::size_t slot, std::size_t network) const {
    const auto row = std::span(all).subspan(slot * classes_, classes_);
    if (std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) return;
    const auto& data = static_cast<const ImageBatch&>(*batch_.payload);
    const std::string node =
        executor_.first_not_finite(data.slab, static_cast<int>(data.facts.size()), static_cast<int>(slot), network);
    const char* const names[] = {"without quantizers", "with all quantizers", "with one group of quantizers switched"};
    fail(slot, std::string("its logits ") + names[std::min<std::size_t>(network, 2)] + ", from node " + node + " on,");
  }

  void noise(const GroupEffect& effect, std::size_t slot) const {
    if (!std::isfinite(effect.signal[slot] + effect.local_noise[slot] + effect.cumulative_noise[slot]))
      fail(slot, "the output of node " + effect.node);
  }

 private:
  [[noreturn]] void fail(std::size_t slot, const std::string& what) const {
    const auto& image = manifest_.entries[static_cast<std::size_t>(batch_.first_index) + slot];
    throw Error(ExitCode::negative, visible_name(image.name) + ": " + what +
                                        " cannot be compared, because of infinities or NaN; check the " +
                                        "weights, the preprocessing and the encodings");
  }

  const SensitivityExecutor& executor_;
  const Manifest& manifest_;
  const Batch& batch_;
  std::size_t classes_;
};

void require_finite(const FiniteCheck& check, const SensitivityBatch& result, const std::vector<std::size_t>& good) {
  for (const std::size_t slot : good) {
    check.logits(result.float_logits, slot, 0);
    check.logits(result.quantized_logits, slot, 1);
    for (std::size_t g = 0; g < result.groups.size(); ++g) {
      check.logits(result.groups[g].logits, slot, 2 + g);
      check.noise(result.groups[g], slot);
    }
  }
}

void add_noise(const GroupEffect& effect, const std::vector<std::size_t>& good, SensitivityPart& part) {
  for (const std::size_t slot : good) {
    part.signal += effect.signal[slot];
    part.local_noise += effect.local_noise[slot];
    part.cumulative_noise += effect.cumulative_noise[slot];
  }
}

}  // namespace

void SensitivityStage::process(Batch& batch) {
  auto& data = static_cast<ImageBatch&>(*batch.payload);
  const SensitivityBatch result = executor_.measure(data.slab, static_cast<int>(data.facts.size()));
  const auto& plain = result.float_logits;
  const auto& reference = mode_ == SensitivityMode::only_one_on ? plain : result.quantized_logits;
  const Judge judge(batch, manifest_, static_cast<std::size_t>(num_classes_), scores_, plain, reference);
  const FiniteCheck check(executor_, manifest_, batch, static_cast<std::size_t>(num_classes_));
  require_finite(check, result, judge.good());
  data.slab = {};
  data.parts.push_back(judge.compare(plain));
  data.parts.push_back(judge.compare(result.quantized_logits));
  for (const GroupEffect& effect : result.groups) {
    data.parts.push_back(judge.compare(effect.logits));
    add_noise(effect, judge.good(), data.parts.back());
  }
}

}  // namespace qeval
