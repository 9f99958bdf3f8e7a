#pragma once
/// Nodes of networks that a test writes down.
#include <string>
#include <utility>
#include <vector>

#include "stages/model/graph.h"

namespace qeval::test {

/// Called `name` in every way, so a module and no function call.
inline Node node(Op op, const std::string& name, std::vector<int> inputs) {
  Node result;
  result.op = op;
  result.name = result.module = result.prepared = name;
  result.inputs = std::move(inputs);
  return result;
}

}  // namespace qeval::test
