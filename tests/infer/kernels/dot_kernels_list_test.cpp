#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "stages/infer/kernels/dot_kernel.h"

namespace qeval {
namespace {

/// What Linux says of the first processor, apart from us; empty where it has other words for it than x86's.
std::set<std::string> processor_flags() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

std::vector<std::string> expected_kernels() {
  const std::set<std::string> flags = processor_flags();
  std::vector<std::string> names;
  const bool avx512 = flags.contains("avx512f") && flags.contains("avx512bw") && flags.contains("avx512vl");
  if (flags.contains("amx_int8")) names.push_back("amx");
  if (avx512 && flags.contains("avx512_vnni")) names.push_back("avx512-vnni");
  if (flags.contains("avx_vnni")) names.push_back("avx-vnni");
  if (flags.contains("avx2")) names.push_back("avx2");
  names.push_back("portable");
  return names;
}

TEST(DotKernelList, HasWhatTheProcessorHasBestFirst) {
  std::vector<std::string> names;
  for (const DotKernel* kernel : dot_kernels()) names.push_back(kernel->name);
  EXPECT_EQ(names, expected_kernels());
}

TEST(DotKernelList, AKernelIsFoundByItsName) {
  for (const DotKernel* kernel : dot_kernels()) EXPECT_EQ(find_dot_kernel(kernel->name), kernel);
  EXPECT_EQ(find_dot_kernel("avx9"), nullptr);
}

TEST(DotKernelList, TheBestOneIsOfTheBestInstructionSetUpToTheLimit) {
  for (const DotIsa limit : {DotIsa::portable, DotIsa::avx2, DotIsa::avx_vnni, DotIsa::avx512_vnni, DotIsa::amx}) {
    DotIsa highest = DotIsa::portable;
    for (const DotKernel* kernel : dot_kernels())
      if (kernel->isa <= limit) highest = std::max(highest, kernel->isa);
    EXPECT_EQ(best_dot_kernel(64, 18, limit).isa, highest);
  }
}

TEST(DotKernelList, TilesAreForLayersThatFillThem) {
  if (find_dot_kernel("amx") == nullptr || find_dot_kernel("avx512-vnni") == nullptr)
    GTEST_SKIP() << "the processor has no choice";
  EXPECT_STREQ(best_dot_kernel(4, 9).name, "avx512-vnni");
  EXPECT_STREQ(best_dot_kernel(8, 18).name, "amx");
  EXPECT_STREQ(best_dot_kernel(256, 16).name, "amx");
}

}  // namespace
}  // namespace qeval
