#pragma once
/// A state dict of the right names and shapes whose tensors share one buffer of ones: for tests of structure.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "stages/model/arch/arch.h"

namespace qeval::test {

inline StateDict blank_weights(const std::string& arch, const ArchParameters& parameters = {}) {
  const std::vector<ParameterSpec> specs = arch_parameters(arch, parameters);
  const auto size = [](const ParameterSpec& spec) {
    std::size_t total = 1;
    for (const std::int64_t extent : spec.shape) total *= static_cast<std::size_t>(extent);
    return total;
  };
  std::size_t largest = 0;
  for (const ParameterSpec& spec : specs) largest = std::max(largest, size(spec));
  const auto ones = std::make_shared<const std::vector<float>>(largest, 1.0f);
  StateDict state;
  for (const ParameterSpec& spec : specs)
    state.tensors.emplace(spec.name, Tensor(spec.shape, std::shared_ptr<const float>(ones, ones->data())));
  return state;
}

}  // namespace qeval::test
