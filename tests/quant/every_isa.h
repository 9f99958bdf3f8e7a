#pragma once
/// A fixture whose tests run once per instruction set that this CPU has.
#include <gtest/gtest.h>

#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval::test {

class EveryIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    limit_isa(GetParam());
    if (active_isa() != GetParam()) GTEST_SKIP() << "this CPU lacks the instruction set";
  }
  void TearDown() override { limit_isa(highest_isa); }
};

}  // namespace qeval::test

/// The suite `name` of TEST_P tests.
#define QEVAL_ON_EVERY_ISA(name)                                                         \
  class name : public qeval::test::EveryIsa {}; /* NOLINT(bugprone-macro-parentheses) */ \
  INSTANTIATE_TEST_SUITE_P(AllIsas, name, testing::Values(qeval::Isa::baseline, qeval::Isa::avx2, qeval::Isa::avx512))
