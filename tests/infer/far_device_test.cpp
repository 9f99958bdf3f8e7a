// The device that far_executors_test runs executors on notices what it is there to notice.
#include "tests/infer/far_device.h"

#include <cstdio>
#include <vector>

#include <gtest/gtest.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/ones.h>

namespace qeval::test {
namespace {

at::Tensor far_ones() { return at::ones({2, 3}, at::TensorOptions(at::kFloat)).to(far_device); }

TEST(FarDevice, KeepsValuesAndStrides) {
  const at::Tensor x = at::ones({2, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor far = x.to(far_device);
  EXPECT_EQ(far.strides(), x.strides());
  EXPECT_TRUE((far + far).cpu().equal(x + x));
}

TEST(FarDeviceDeathTest, TheHostCannotReadItsMemory) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const at::Tensor far = far_ones();
  EXPECT_EQ(far.cpu().const_data_ptr<float>()[5], 1.0f);
  EXPECT_DEATH({ std::fprintf(stderr, "read %f\n", static_cast<double>(far.const_data_ptr<float>()[5])); }, "");
}

TEST(FarDevice, MixedDevicesAreRefused) {
  const at::Tensor far = far_ones(), near = at::ones({2, 3});
  EXPECT_THROW(far.add(near), c10::Error);
  EXPECT_THROW(near.add(far), c10::Error);
}

TEST(FarDevice, MemoryOfTheHostIsRefused) {
  std::vector<float> values(6, 1);
  const at::Tensor pretended = at::for_blob(values.data(), {2, 3})
                                   .options(at::TensorOptions(at::kFloat).device(far_device))
                                   .target_device(far_device)
                                   .make_tensor();
  EXPECT_THROW(pretended.cpu(), c10::Error);
}

}  // namespace
}  // namespace qeval::test
