#include "tools/qeval/sensitivity_prediction.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qeval {
namespace {

struct Module {
  std::string name;
  double blame = 0;
};

/// Worst first; a module's weights and activations together.
std::vector<Module> modules_by_blame(const SensitivityResult& result) {
  std::vector<Module> modules;
  for (std::size_t g = 0; g < result.groups.size(); ++g) {
    const std::string& name = result.groups[g].module;
    auto module = std::find_if(modules.begin(), modules.end(), [&](const Module& m) { return m.name == name; });
    if (module == modules.end()) module = modules.insert(modules.end(), {name, 0});
    module->blame += group_blame(result, g);
  }
  std::stable_sort(modules.begin(), modules.end(), [](const Module& a, const Module& b) { return a.blame > b.blame; });
  return modules;
}

}  // namespace

double group_blame(const SensitivityResult& result, std::size_t group) {
  const SensitivityRow& row = result.rows[group];
  const double change = result.mode == SensitivityMode::only_one_on ? row.change : -row.change;
  // Broken logits are the worst there is, and NaN has no place in an order.
  if (std::isnan(change)) return std::numeric_limits<double>::infinity();
  return row.images == 0 ? 0 : change / static_cast<double>(row.images);
}

std::optional<WithoutWorst> predict_without_worst(const SensitivityResult& result, std::size_t count) {
  const std::vector<Module> modules = modules_by_blame(result);
  double all = 0, worst = 0;
  WithoutWorst prediction;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    all += modules[i].blame;
    if (i >= count) continue;
    worst += modules[i].blame;
    prediction.modules.push_back(modules[i].name);
  }
  if (result.mode == SensitivityMode::all_but_one)
    all = result.quantized.divergence / static_cast<double>(result.quantized.images);
  if (!std::isfinite(worst) || !std::isfinite(all) || all <= 0) return std::nullopt;
  prediction.remaining = std::clamp(1 - worst / all, 0.0, 1.0);
  return prediction;
}

}  // namespace qeval
