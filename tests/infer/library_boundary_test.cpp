// What crosses the boundary between the program and the executor library: one limit of instruction sets, and no
// exception but our own.
#include "stages/infer/library_boundary.h"

#include <dlfcn.h>

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "tests/infer/graph_fixture.h"

namespace qeval::test {
namespace {

/// A function of the library that this program opens; this program is linked with a copy of its own of each.
template <class Function>
Function* in_library(const char* name) {
  executor_library().describe({.kind = "float", .device = "cpu"});
  void* const library = dlopen(QEVAL_INFER_LIBRARY, RTLD_NOW | RTLD_NOLOAD);
  return library ? reinterpret_cast<Function*>(dlsym(library, name)) : nullptr;
}

TEST(LibraryBoundary, TheLimitOfInstructionSetsIsTheProgramsAlsoInTheLibrary) {
  auto* const active = in_library<decltype(qeval_active_isa)>("qeval_active_isa");
  ASSERT_NE(active, nullptr);
  ASSERT_NE(active, &qeval_active_isa);
  limit_isa(Isa::baseline);
  EXPECT_EQ(active(), Isa::baseline);
  limit_isa(highest_isa);
  EXPECT_EQ(active(), active_isa());
  if (active_isa() == Isa::baseline) GTEST_SKIP() << "this CPU has one instruction set: nothing was limited";
}

/// What the factory's functions do with a network whose first bias cannot be a tensor.
struct Making {
  const char* what;
  std::function<void(const Graph&, const ExecutorOptions&)> make;
};

const std::vector<Making>& makings() {
  static const std::vector<Making> list{
      {"float", [](const Graph& graph, const ExecutorOptions&) { make_float(graph); }},
      {"simulated", [](const Graph& graph, const ExecutorOptions& options) { make_executor(graph, {}, options); }},
      {"sensitivity",
       [](const Graph& graph, const ExecutorOptions& options) {
         make_sensitivity_executor(graph, {}, {}, SensitivityMode::only_one_on, options);
       }},
      {"layerwise", [](const Graph& graph, const ExecutorOptions& options) {
         make_layerwise_executor(graph, {}, 1, layerwise_bytes, options);
       }}};
  return list;
}

TEST(LibraryBoundary, LibTorchsErrorsArriveAsOurs) {
  GraphBuilder b({3, 8, 8});
  const int conv = b.conv(0, 3, 4, {}, 1);
  b.at(conv).bias = Tensor({-4}, std::vector<float>(4));
  const Graph graph = b.finish(conv, 4, 5);
  for (const auto& [what, make] : makings()) {
    SCOPED_TRACE(what);
    try {
      make(graph, {.kind = "simulated", .device = "cpu"});
      ADD_FAILURE() << "nothing was thrown";
    } catch (const RunError& error) {
      EXPECT_THAT(error.what(), testing::StartsWith("cannot prepare test: "));
    }
  }
}

}  // namespace
}  // namespace qeval::test
