#pragma once
/// Imports the networks that a test builds and runs them in the float executor.
#include <functional>
#include <vector>

#include "stages/model/onnx/import_onnx.h"
#include "tests/infer/graph_fixture.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {

using Values = std::vector<float>;
using Ints = std::vector<std::int64_t>;

inline Graph imported(const OnnxBuilder& builder) {
  const TempDir folder;
  return import_onnx(builder.save(folder.path()), {}).graph;
}

inline Values run(const Graph& graph, const Values& images, int n = 1) {
  return logits_of(*make_float(graph), graph, images, n);
}

/// One node on an image of 1 channel and its `size` values in a row, flattened to logits.
inline Values run_on_row(const std::function<std::string(OnnxBuilder&)>& build, const Values& row) {
  OnnxBuilder b({1, 1, static_cast<std::int64_t>(row.size())});
  b.output(b.node("Flatten", {build(b)}, "logits"));
  return run(imported(b), row);
}

}  // namespace qeval::test
