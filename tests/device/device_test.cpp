// What a device computes, beside what the CPU computes: sums in another order, so floats agree to their last bits, a
// simulation to a few steps of its grids, and exact sums to the bit. Twice the same gives the same bits everywhere.
#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "tests/device/device_network.h"

namespace qeval::test {
namespace {

/// Of each architecture that differs in its operators.
class Device : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const std::string why = missing_device(); !why.empty()) GTEST_SKIP() << why;
    network_ = std::make_unique<DeviceNetwork>(GetParam());
  }

  std::vector<float> here(const std::string& kind) const { return network_->logits(kind, tested_device()); }
  std::vector<float> on_cpu(const std::string& kind) const { return network_->logits(kind, "cpu"); }

  std::unique_ptr<DeviceNetwork> network_;
};

TEST_P(Device, IsTheOneThatWasAskedFor) {
  const auto executor = make_executor(network_->graph(), {}, network_->options("float", tested_device()));
  EXPECT_EQ(executor->device().substr(0, tested_device().size()), tested_device()) << executor->device();
  RecordProperty("device", executor->device());
}

TEST_P(Device, FloatAgreesWithTheCpu) {
  const auto once = here("float");
  EXPECT_LT(relative_difference(on_cpu("float"), once), 1e-4);
  EXPECT_EQ(here("float"), once);
}

/// A last bit may move a value to the next step of its grid, and what follows from there.
TEST_P(Device, SimulationAgreesWithTheCpu) {
  const auto once = here("simulated");
  EXPECT_LT(relative_difference(on_cpu("simulated"), once), 0.1);
  EXPECT_EQ(here("simulated"), once);
}

TEST_P(Device, ExactSumsHaveTheCpusBits) { EXPECT_EQ(here(exact_executor_kind), on_cpu(exact_executor_kind)); }

TEST_P(Device, CalibrationAgreesWithTheCpu) {
  const EncodingTable table = network_->calibrated(tested_device());
  ASSERT_EQ(table.size(), network_->encodings().size());
  for (std::size_t q = 0; q < table.size(); ++q) {
    ASSERT_EQ(table[q].size(), network_->encodings()[q].size());
    for (std::size_t i = 0; i < table[q].size(); ++i) {
      const Encoding &found = table[q][i], &expected = network_->encodings()[q][i];
      EXPECT_NEAR(found.scale, expected.scale, 0.02 * expected.scale) << network_->graph().quantizers[q].key();
    }
  }
}

TEST_P(Device, SensitivityHasTheExecutorsBits) {
  const auto all = quantizer_groups(network_->graph(), network_->encodings());
  std::vector<QuantizerIndices> groups;
  for (std::size_t i = 0; i < all.size(); i += 8) groups.push_back(all[i].quantizers);  // one network per group
  ASSERT_FALSE(groups.empty());
  const auto executor =
      make_sensitivity_executor(network_->graph(), network_->encodings(), groups, SensitivityMode::only_one_on,
                                network_->options("simulated", tested_device()));
  const SensitivityBatch measured = executor->measure(network_->images(0), images_per_batch);
  EXPECT_EQ(measured.groups.size(), groups.size());
  const auto quantized = here("simulated");
  const auto size = static_cast<std::ptrdiff_t>(measured.quantized_logits.size());
  EXPECT_EQ(measured.quantized_logits, std::vector<float>(quantized.begin(), quantized.begin() + size));
}

INSTANTIATE_TEST_SUITE_P(Networks, Device,
                         testing::Values("mobilenet_v3_small", "resnet18", "efficientnet_lite0", "convnext_tiny"),
                         [](const auto& arch) { return arch.param; });

}  // namespace
}  // namespace qeval::test
