#include "jobs/run/gates.h"

#include <cmath>

#include <fmt/core.h>

namespace qeval {
namespace {

/// 0.80 − 0.79 is above 0.01 in binary; no real difference of two accuracies is this small.
constexpr double comparison_slack = 1e-12;

}  // namespace

double accuracy_of(Metric metric, const RunRecord& run) {
  const std::int64_t correct = metric == Metric::top1 ? run.n_correct1 : run.n_correct5;
  return run.n_total ? static_cast<double>(correct) / static_cast<double>(run.n_total) : 0.0;
}

std::vector<std::string> missed_gates(const std::vector<GateSpec>& gates, const RunRecord& run) {
  std::vector<std::string> missed;
  for (const GateSpec& gate : gates) {
    const double value = accuracy_of(gate.metric, run);
    if (std::abs(value - gate.reference) > gate.tolerance + comparison_slack)
      missed.push_back(fmt::format("{} is {:.2f} %, not {:.2f} ± {:.2f} %", word_of(gate.metric), 100 * value,
                                   100 * gate.reference, 100 * gate.tolerance));
  }
  return missed;
}

std::vector<std::string> missed_drop_gates(const std::vector<DropGateSpec>& gates, const std::optional<Drop>& drop) {
  std::vector<std::string> missed;
  for (const DropGateSpec& gate : gates) {
    if (!drop || !drop->comparison) {
      missed.push_back(
          fmt::format("the drop of {} is not known: {}", word_of(gate.metric), drop ? drop->reason : "no baseline"));
      continue;
    }
    const AccuracyChange& change = gate.metric == Metric::top1 ? drop->comparison->top1 : drop->comparison->top5;
    if (change.drop() > gate.max_drop + comparison_slack && change.is_real(gate.alpha))
      missed.push_back(
          fmt::format("{} drops by {:.2f} points against {}, more than {:.2f}, and that is real (p = {:.2g})",
                      word_of(gate.metric), 100 * change.drop(), drop->baseline, 100 * gate.max_drop, change.test.p));
  }
  return missed;
}

}  // namespace qeval
