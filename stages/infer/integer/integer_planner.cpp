#include "stages/infer/integer/integer_planner.h"

#include <optional>

#include "stages/infer/integer/integer_ends.h"
#include "stages/quant/arithmetic/exact_activation.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

bool is_plannable(const Shape& shape) { return shape.size() == 1 || shape.size() == 3; }

CodeShape code_shape(const Shape& shape) {
  const auto side = [&](std::size_t axis) { return static_cast<int>(shape[axis]); };
  return shape.size() == 3 ? CodeShape{side(0), side(1), side(2)} : CodeShape{side(0), 1, 1};
}

/// Of operators that see one value, or all channels of a pixel.
bool knows_channels_last(Op op) {
  switch (op) {
    case Op::linear:
    case Op::relu:
    case Op::relu6:
    case Op::clip:
    case Op::dropout:
    case Op::layer_norm:
    case Op::permute: return true;
    default: return is_value_function(op);
  }
}

DotIsa dot_limit() {
  switch (isa_limit().load(std::memory_order_relaxed)) {
    case Isa::baseline: return DotIsa::portable;
    case Isa::avx2: return DotIsa::avx2;
    case Isa::avx_vnni: return DotIsa::avx_vnni;
    case Isa::avx512: return DotIsa::avx512_vnni;
    case Isa::amx: break;
  }
  return DotIsa::amx;
}

}  // namespace

IntegerPlanner::IntegerPlanner(const Graph& graph, const EncodingTable& encodings, NumericsMode mode, bool builds)
    : graph_(graph),
      encodings_(encodings),
      mode_(mode),
      shapes_(node_shapes(graph)),
      builds_(builds),
      steps_(dot_limit(), builds) {}

IntegerPlan IntegerPlanner::plan(std::size_t cache_bytes) {
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    node_ = &graph_.nodes[i];
    look_at_layout();
    const Value made = is_plannable(shapes_[i]) ? compute() : floats("its output is no image");
    values_.push_back(quantized(made, node_->output_quantizer));
  }
  write_logits();
  if (builds_ && plan_.float_nodes.empty()) plan_.network = std::make_unique<IntegerNetwork>(steps_.build(cache_bytes));
  return std::move(plan_);
}

void IntegerPlanner::look_at_layout() {
  channels_last_ = !node_->inputs.empty() && values_[static_cast<std::size_t>(node_->inputs[0])].channels_last;
  shape_ = is_plannable(output_shape()) ? code_shape(output_shape()) : CodeShape();
  if (channels_last_) shape_ = {shape_.width, shape_.channels, shape_.height};
}

Value IntegerPlanner::floats(std::string reason) {
  plan_.float_nodes.push_back({node_->name, std::move(reason)});
  return value(FloatValue());
}

Value IntegerPlanner::quantized(const Value& before, int quantizer) {
  if (!is_on(quantizer, encodings_)) return before;
  const EncodingList& list = encodings_[static_cast<std::size_t>(quantizer)];
  const auto meaning = list.size() == 1 ? code_meaning(list.front(), mode_) : std::nullopt;
  if (!meaning) return floats("the codes of its quantizer do not fit into 8 bits");
  return {steps_.codes(before, *meaning), before.shape, before.channels_last};
}

Value IntegerPlanner::input(std::size_t number) {
  const int source = node_->inputs[number];
  const int quantizer = number < node_->input_quantizers.size() ? node_->input_quantizers[number] : -1;
  if (!is_on(quantizer, encodings_)) return values_[static_cast<std::size_t>(source)];
  const auto made = made_.find({source, quantizer});
  if (made != made_.end()) return made->second;
  return made_[{source, quantizer}] = quantized(values_[static_cast<std::size_t>(source)], quantizer);
}

Value IntegerPlanner::compute() {
  if (channels_last_ && !knows_channels_last(node_->op)) return floats("its channels are the last axis");
  if (is_value_function(node_->op)) return function();
  if (is_arithmetic(node_->op) || node_->op == Op::layer_scale) {
    if (node_->inputs.size() == 1) return with_constant(node_->op == Op::layer_scale ? Op::mul : node_->op);
    return node_->op == Op::add ? sum() : pair();
  }
  if (is_mean_of_pixels(*node_)) return mean();
  switch (node_->op) {
    case Op::input: return value(ImageValue());
    case Op::conv:
    case Op::linear: return layer();
    case Op::relu: return limited({.low = 0});
    case Op::relu6: return limited({0, 6});
    case Op::clip: return limited({node_->alpha, node_->beta});
    case Op::batch_norm: return batch_norm();
    case Op::layer_norm: return layer_norm();
    case Op::permute: return permuted();
    case Op::prelu: return slopes();
    case Op::max_pool: return max_pool();
    case Op::flatten:
    case Op::reshape: return flat();
    case Op::dropout: return input(0);
    case Op::pad:
    case Op::subsample_pad_channels: return padded();
    case Op::concat: return concat();
    case Op::channel_shuffle: return shuffled();
    case Op::slice:
    case Op::gather: return picked();
    default: return floats(std::string(op_name(node_->op)) + " has no form on codes");
  }
}

void IntegerPlanner::write_logits() {
  Value& last = values_.back();
  if (shapes_.back().size() != 1) {
    floats("its output is no row of logits");
  } else if (auto* codes = std::get_if<Codes>(&last.is)) {
    steps_.add(make_integer_logits(codes->slot, codes->meaning), {codes->slot.number}, -1);
  } else if (auto* layer = std::get_if<LayerValue>(&last.is)) {
    layer->layer.output = {-1, shape_};
    steps_.add_layer(std::move(layer->layer));
  } else if (plan_.float_nodes.empty()) {
    floats("its output has no codes");
  }
}

IntegerPlan plan_integers(const Graph& graph, const EncodingTable& encodings, NumericsMode mode,
                          std::size_t cache_bytes) {
  return IntegerPlanner(graph, encodings, mode, true).plan(cache_bytes);
}

IntegerPlan judge_integers(const Graph& graph, const EncodingTable& encodings, NumericsMode mode) {
  return IntegerPlanner(graph, encodings, mode, false).plan();
}

}  // namespace qeval
