// Every architecture against torchvision's logits, where a folder of them is given: see
// tools/oracle/torchvision_logits.py.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "stages/model/arch/arch.h"
#include "stages/model/weights/state_dict.h"
#include "stages/quant/fold_batch_norm.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

/// Largest difference in units of the range of the wanted values.
double relative_difference(std::span<const float> got, std::span<const float> wanted) {
  const auto [low, high] = std::minmax_element(wanted.begin(), wanted.end());
  double largest = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(got[i]) - wanted[i]));
  return largest / (static_cast<double>(*high) - *low);
}

struct Difference {
  double unfolded, folded;
};

Difference compare(const fs::path& folder, const std::string& arch) {
  const StateDict io = read_state_dict(folder / (arch + ".io.safetensors"));
  const Tensor &images = io.tensors.at("images"), &logits = io.tensors.at("logits");
  const int n = static_cast<int>(images.size(0));
  const ArchParameters parameters{{"num_classes", std::to_string(logits.size(1))},
                                  {"input_size", std::to_string(images.size(2))}};
  Graph graph = build_graph(arch, parameters, read_state_dict(folder / (arch + ".weights.safetensors")));
  const auto difference = [&] {
    std::vector<float> got(static_cast<std::size_t>(logits.numel()));
    make_executor(graph, {}, {"float", "cpu"})->infer(images.values(), n, got);
    return relative_difference(got, logits.values());
  };
  const double unfolded = difference();
  fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  return {unfolded, difference()};
}

TEST(TorchvisionArchs, LogitsAgreeWithAndWithoutFoldedBatchNorms) {
  const char* given = std::getenv("QEVAL_TORCHVISION_ORACLE");
  if (!given || !*given)
    GTEST_SKIP() << "QEVAL_TORCHVISION_ORACLE names no folder; tools/oracle/torchvision_logits.py makes one";
  int compared = 0;
  for (const std::string& arch : arch_names()) {
    if (!fs::exists(fs::path(given) / (arch + ".io.safetensors"))) continue;
    const Difference difference = compare(given, arch);
    std::cout << arch << ": " << difference.unfolded << " of the logit range, folded " << difference.folded << '\n';
    EXPECT_LE(difference.unfolded, 1e-4) << arch;
    EXPECT_LE(difference.folded, 1e-4) << arch;
    ++compared;
  }
  EXPECT_GT(compared, 0) << given << " holds nothing for any architecture";
}

}  // namespace
}  // namespace qeval
