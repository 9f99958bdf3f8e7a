#pragma once
/// Gives a freshly built graph, whose tensors have shapes but no data, its weights.
/// Errors: InputError listing every missing, unexpected and misshapen tensor at once.
#include <functional>
#include <map>
#include <string>

#include "stages/model/graph.h"

namespace qeval {

/// Calls `visit(state-dict name, tensor)` for every parameter of `node`, in the framework's order.
void for_each_parameter(Node& node, const std::function<void(const std::string&, Tensor&)>& visit);

/// `tensors` by state-dict name, as training scripts write them (state_dict_names.h). Returns what was renamed, left
/// out or folded, in one line; empty: nothing. A batch norm whose tensors are all absent while its convolution has a
/// bias was folded before the file was written: its node is left out. That is true of all norms behind convolutions, or
/// of none.
std::string attach_weights(Graph& graph, const std::map<std::string, Tensor>& tensors);

}  // namespace qeval
