#pragma once
/// What a preflight found, in words. Thread-safety: free functions.
#include <span>
#include <string>

#include "jobs/prepare/prepared_variant.h"
#include "stages/metrics/preflight_evidence.h"

namespace qeval {

struct PreflightFinding {
  std::string field;  ///< of the job: what is to be corrected
  std::string text;   ///< fault, evidence, correction
  double share = 0;   ///< of the sample that is right once corrected
};

PreflightFinding label_finding(const PreparedVariant& v, const LabelFinding& fault, std::span<const ClassOrder> orders);
PreflightFinding pixel_finding(const std::string& fault, const std::string& correction, const SampleScores& plain,
                               const SampleScores& other);
/// Behind sight_text: what the images do not prove.
std::string hint_text(const std::string& correction, const SampleScores& plain, const SampleScores& other);
PreflightFinding chance_finding(const PreparedVariant& v, const SampleScores& scores);

/// "top-1 78.9 % of 256 images".
std::string sight_text(const SampleScores& scores);

}  // namespace qeval
