#include "jobs/run/sensitivity_prediction.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qeval {
namespace {

bool goes_off_with(const QuantizerGroup& group, const std::string& module) {
  return group.module == module ||
         std::find(group.shared_with.begin(), group.shared_with.end(), module) != group.shared_with.end();
}

/// Takes modules out, the worst first. A group that several of them share is blamed on the first that is taken out.
class WorstFirst {
 public:
  explicit WorstFirst(const SensitivityResult& result) : result_(result), off_(result.groups.size()) {}

  /// The module whose switching off takes the most blame away now, empty if no group is on.
  std::string worst() const {
    std::string worst;
    double most = 0;
    for (const QuantizerGroup& group : result_.groups) {
      consider(group.module, worst, most);
      for (const std::string& module : group.shared_with) consider(module, worst, most);
    }
    return worst;
  }

  void switch_off(const std::string& module) {
    for (std::size_t g = 0; g < off_.size(); ++g) off_[g] = off_[g] || goes_off_with(result_.groups[g], module);
  }

  double blame_of_off() const {
    double blame = 0;
    for (std::size_t g = 0; g < off_.size(); ++g)
      if (off_[g]) blame += group_blame(result_, g);
    return blame;
  }

 private:
  void consider(const std::string& module, std::string& worst, double& most) const {
    double blame = 0;
    bool any = false;
    for (std::size_t g = 0; g < off_.size(); ++g) {
      if (off_[g] || !goes_off_with(result_.groups[g], module)) continue;
      blame += group_blame(result_, g);
      any = true;
    }
    if (!any || (!worst.empty() && blame <= most)) return;
    worst = module;
    most = blame;
  }

  const SensitivityResult& result_;
  std::vector<bool> off_;  ///< by group
};

}  // namespace

double group_blame(const SensitivityResult& result, std::size_t group) {
  const SensitivityRow& row = result.rows[group];
  const double change = result.mode == SensitivityMode::only_one_on ? row.change : -row.change;
  // Broken logits are the worst there is, and NaN has no place in an order.
  if (std::isnan(change)) return std::numeric_limits<double>::infinity();
  return row.images == 0 ? 0 : change / static_cast<double>(row.images);
}

std::optional<WithoutWorst> predict_without_worst(const SensitivityResult& result, std::size_t count) {
  double all = 0;
  for (std::size_t g = 0; g < result.groups.size(); ++g) all += group_blame(result, g);
  WithoutWorst prediction;
  WorstFirst order(result);
  while (prediction.modules.size() < count) {
    std::string module = order.worst();
    if (module.empty()) break;
    order.switch_off(module);
    prediction.modules.push_back(std::move(module));
  }
  const double worst = order.blame_of_off();
  if (result.mode == SensitivityMode::all_but_one)
    all = result.quantized.divergence / static_cast<double>(result.quantized.images);
  if (!std::isfinite(worst) || !std::isfinite(all) || all <= 0) return std::nullopt;
  prediction.remaining = std::clamp(1 - worst / all, 0.0, 1.0);
  return prediction;
}

}  // namespace qeval
