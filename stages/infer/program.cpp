#include "stages/infer/program.h"

#include <utility>

#include <ATen/ops/from_blob.h>
#include <c10/util/StringUtil.h>

#include "pipeline/base/errors.h"
#include "stages/infer/invalid_operations.h"
#include "stages/infer/tensor_values.h"
#include "stages/model/node_shapes.h"

namespace qeval {

namespace {

/// A node that others were folded into has the output of the last of them in an ONNX file.
std::string shown_name(const Node& node) {
  const bool another = !node.onnx_output.empty() && node.onnx_output != node.name;
  return another ? node.name + " (its output: " + node.onnx_output + ")" : node.name;
}

/// What `usual` makes, noting whether a NaN may have become a number; or what `keeping` makes, if that was asked for.
template <class Usual, class Keeping>
at::Tensor watched(Program::NanWatch& nan, const Usual& usual, const Keeping& keeping) {
  if (nan.keep) return keeping();
  const InvalidOperations invalid;
  at::Tensor result = usual();
  nan.lost = nan.lost || invalid.occurred();
  return result;
}

}  // namespace

Program::Program(const OperationPool& pool)
    : input_shape_(pool.graph().input_shape),
      num_classes_(pool.graph().num_classes),
      device_(pool.device()),
      order_(pool.order()) {
  const Graph& graph = pool.graph();
  const std::vector<Shape> shapes = node_shapes(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const NodeFusion& fusion = pool.fusions()[i];
    Step step;
    step.name = shown_name(node);
    step.op = node.op;
    step.shape = shapes[i];
    step.output_quantizer = node.output_quantizer;
    if (fusion.passes_on >= 0) {
      step.operands.push_back({.value = fusion.passes_on});
    } else {
      for (std::size_t k = 0; k < node.inputs.size(); ++k)
        step.operands.push_back(
            {.value = node.inputs[k], .quantizer = k < node.input_quantizers.size() ? node.input_quantizers[k] : -1});
      if (fusion.added >= 0) step.operands.push_back({.value = fusion.added});
    }
    steps_.push_back(std::move(step));
  }
  mark_last_uses();
}

void Program::mark_last_uses() {
  std::vector<bool> needed_later(steps_.size(), false);
  needed_later.back() = true;
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
    for (auto operand = step->operands.rbegin(); operand != step->operands.rend(); ++operand) {
      const auto value = static_cast<std::size_t>(operand->value);
      operand->last_use = !needed_later[value];
      needed_later[value] = true;
    }
}

/// Always a copy: operations may overwrite it.
at::Tensor Program::upload(std::span<const float> images, int n) const {
  const auto [channels, height, width] = input_shape_;
  const std::int64_t values = std::int64_t{n} * channels * height * width;
  if (n < 1 || static_cast<std::int64_t>(images.size()) != values)
    throw InternalError("executor got " + std::to_string(images.size()) + " input values for " + std::to_string(n) +
                        " images, needs " + std::to_string(values));
  const at::Tensor view =
      at::from_blob(const_cast<float*>(images.data()), {n, channels, height, width}, at::TensorOptions(at::kFloat));
  return view.to(at::TensorOptions(device_), /*non_blocking=*/false, /*copy=*/true, order_);
}

at::Tensor Program::compute(const Operation& operation, Operands& operands, NanWatch* nan) {
  if (!nan || !operation.loses_nan()) return operation.run(operands);
  return watched(*nan, [&] { return operation.run(operands); }, [&] { return operation.run_keeping_nan(operands); });
}

at::Tensor Program::quantize(QuantizerPort& port, int quantizer, at::Tensor tensor, NanWatch* nan) {
  if (!nan || !port.loses_nan(quantizer)) return port.pass(quantizer, std::move(tensor));
  return watched(
      *nan, [&] { return port.pass(quantizer, std::move(tensor)); },
      [&] { return port.pass_keeping_nan(quantizer, std::move(tensor)); });
}

at::Tensor Program::run_step(const Step& step, const Operation& operation, Pass& pass, QuantizerPort* port) {
  Operands operands;
  operands.reserve(step.operands.size());
  for (const Operand& operand : step.operands) {
    at::Tensor& value = pass.values[static_cast<std::size_t>(operand.value)];
    at::Tensor taken = operand.last_use ? std::move(value) : value;
    if (operand.quantizer >= 0 && port) taken = quantize(*port, operand.quantizer, std::move(taken), pass.nan);
    operands.push_back(std::move(taken));
  }
  const bool redundant = port && step.output_quantizer >= 0 && port->makes_redundant(step.output_quantizer, step.op);
  at::Tensor result = redundant ? std::move(operands[0]) : compute(operation, operands, pass.nan);
  operands.clear();
  if (step.output_quantizer >= 0 && port) result = quantize(*port, step.output_quantizer, std::move(result), pass.nan);
  return result;
}

Program::Pass Program::begin(std::span<const float> images, int n, NanWatch* nan) const {
  Pass pass;
  pass.nan = nan;
  pass.images = n;
  pass.values.resize(steps_.size());
  pass.values[0] = upload(images, n);
  return pass;
}

void Program::step(Pass& pass, const Operations& operations, QuantizerPort* port) const {
  const Step& step = steps_[pass.next];
  at::Tensor& result = pass.values[pass.next];
  if (pass.next == 0) {
    if (step.output_quantizer >= 0 && port)
      result = quantize(*port, step.output_quantizer, std::move(result), pass.nan);
  } else {
    try {
      result = run_step(step, *operations[pass.next], pass, port);
    } catch (c10::Error& error) {
      error.add_context("in node " + step.name);
      throw;
    }
  }
  check_shape(pass);
  ++pass.next;
}

void Program::check_shape(const Pass& pass) const {
  const Step& step = steps_[pass.next];
  const at::IntArrayRef found = pass.values[pass.next].sizes();
  if (!found.empty() && found[0] == pass.images && found.slice(1).equals(step.shape)) return;
  throw InternalError("node " + step.name + " has an output of shape " + c10::str(found) + " for " +
                      std::to_string(pass.images) + " images, not of " + c10::str(at::IntArrayRef(step.shape)) +
                      " for each");
}

at::Tensor Program::run(Pass pass, const Operations& operations, QuantizerPort* port) const {
  while (pass.next < steps_.size()) step(pass, operations, port);
  return std::move(pass.values.back());
}

/// The first marked node from which marked nodes lead to the last one.
std::size_t Program::source_of(const std::vector<bool>& marked) const {
  std::vector<bool> leads(marked.size());
  leads.back() = marked.back();
  std::size_t source = marked.size();
  for (std::size_t i = marked.size(); i-- > 0;) {
    if (!leads[i]) continue;
    source = i;
    for (const Operand& operand : steps_[i].operands) {
      const auto value = static_cast<std::size_t>(operand.value);
      leads[value] = leads[value] || marked[value];
    }
  }
  return source;
}

std::string Program::first_not_finite(std::span<const float> images, int n, int image, const Operations& operations,
                                      QuantizerPort* port) const {
  std::vector<bool> not_finite;
  NanWatch nan{.keep = true};
  Pass pass = begin(images, n, &nan);
  while (pass.next < steps_.size()) {
    step(pass, operations, port);
    not_finite.push_back(!all_finite(pass.latest()[image]));
  }
  const std::size_t source = source_of(not_finite);
  if (source == steps_.size()) throw InternalError("image " + std::to_string(image) + " has finite logits");
  return steps_[source].name;
}

void download(const at::Tensor& result, std::span<float> logits) {
  if (result.numel() != static_cast<std::int64_t>(logits.size()))
    throw InternalError("executor made " + std::to_string(result.numel()) + " logits, its caller wants " +
                        std::to_string(logits.size()));
  at::from_blob(logits.data(), result.sizes(), at::TensorOptions(at::kFloat)).copy_(result);
}

}  // namespace qeval
