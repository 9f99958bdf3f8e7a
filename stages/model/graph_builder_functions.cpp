// The calls of functions inside a module's forward.
#include <utility>

#include "pipeline/base/errors.h"
#include "stages/model/graph_builder.h"

namespace qeval {

int GraphBuilder::add(const std::string& parent, int branch, int shortcut) {
  const FeatureShape a = shape(branch), b = shape(shortcut);
  if (a.channels != b.channels || a.height != b.height || a.width != b.width)
    throw InternalError("architecture " + graph_.arch + ": the sum in '" + parent + "' has unequal inputs");
  return append(function_call(Op::add, parent, "add", {branch, shortcut}));
}

int GraphBuilder::relu_by_function(const std::string& parent, int input) {
  return append(function_call(Op::relu, parent, "relu", {input}));
}

int GraphBuilder::global_avg_pool_by_function(const std::string& function, int input) {
  return append(function_call(Op::global_avg_pool, "", function, {input}));
}

int GraphBuilder::flatten(int input) { return append(function_call(Op::flatten, "", "flatten", {input})); }

int GraphBuilder::mul(const std::string& parent, int scale, int input) {
  const FeatureShape factor = shape(scale), in = shape(input);
  const bool per_channel = factor.height == 1 && factor.width == 1;
  if (factor.channels != in.channels || (!per_channel && (factor.height != in.height || factor.width != in.width)))
    throw InternalError("architecture " + graph_.arch + ": the product in '" + parent + "' has inputs that do not fit");
  return append(function_call(Op::mul, parent, "mul", {scale, input}));
}

int GraphBuilder::layer_scale(const std::string& parent, const std::string& parameter, int input) {
  Node node = function_call(Op::layer_scale, parent, "mul", {input});
  node.weight_name = parameter;
  node.weight = Tensor({shape(input).channels, 1, 1}, std::shared_ptr<const float>());
  return append(std::move(node));
}

int GraphBuilder::concat_channels(const std::string& parent, const std::vector<int>& inputs) {
  const FeatureShape out = shape(inputs[0]);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const FeatureShape in = shape(inputs[i]);
    if (in.height != out.height || in.width != out.width)
      throw InternalError("architecture " + graph_.arch + ": what is concatenated in '" + parent + "' does not fit");
  }
  return append(function_call(Op::concat, parent, "cat", inputs));
}

int GraphBuilder::slice_channels(const std::string& parent, int input, int first, int last) {
  Node node = plain_call(Op::slice, parent, "chunk", {input});
  node.first = first;
  node.last = last;
  return append(std::move(node));
}

int GraphBuilder::channel_shuffle(const std::string& parent, int input, int groups) {
  Node node = plain_call(Op::channel_shuffle, parent, "channel_shuffle", {input});
  node.window.groups = groups;
  if (shape(input).channels % groups != 0)
    throw InternalError("architecture " + graph_.arch + ": the channels in '" + parent + "' are no whole groups");
  return append(std::move(node));
}

}  // namespace qeval
