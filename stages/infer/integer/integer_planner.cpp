#include <map>
#include <optional>
#include <utility>

#include "stages/infer/integer/integer_ends.h"
#include "stages/infer/integer/integer_layer_of.h"
#include "stages/infer/integer/integer_movement.h"
#include "stages/infer/integer/integer_network.h"
#include "stages/infer/integer/integer_pools.h"
#include "stages/infer/integer/layer_weights.h"
#include "stages/infer/integer/step_list.h"
#include "stages/infer/integer/window_coverage.h"
#include "stages/model/node_shapes.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

bool is_plannable(const Shape& shape) { return shape.size() == 1 || shape.size() == 3; }

CodeShape code_shape(const Shape& shape) {
  const auto side = [&](std::size_t axis) { return static_cast<int>(shape[axis]); };
  return shape.size() == 3 ? CodeShape{side(0), side(1), side(2)} : CodeShape{side(0), 1, 1};
}

/// Multiplications of a layer, per image.
std::int64_t products_of(const Node& node, const CodeShape& output) {
  const std::int64_t of_channel = node.weight.numel() / node.weight.size(0);
  return of_channel * output.channels * output.pixels();
}

/// As ATen computes them: operations that every processor rounds alike.
float hard_swish(float x) { return x * Limits{0, 6}(x + 3) / 6; }
float hard_sigmoid(float x) { return Limits{0, 6}(x + 3) / 6; }

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

class Planner {
 public:
  Planner(const Graph& graph, const EncodingTable& encodings, NumericsMode mode, bool builds)
      : graph_(graph),
        encodings_(encodings),
        mode_(mode),
        shapes_(node_shapes(graph)),
        builds_(builds),
        steps_(dot_limit(), builds) {}

  IntegerPlan plan() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      node_ = &graph_.nodes[i];
      shape_ = is_plannable(shapes_[i]) ? code_shape(shapes_[i]) : CodeShape();
      Value value = is_plannable(shapes_[i]) ? compute() : floats("its output is no image");
      values_.push_back(quantized(value, node_->output_quantizer));
    }
    write_logits();
    if (builds_ && plan_.float_nodes.empty())
      plan_.network =
          std::make_unique<IntegerNetwork>(steps_.take(), assign_buffers(steps_.uses(), steps_.slots()));
    return std::move(plan_);
  }

 private:
  Value floats(std::string reason) {
    plan_.float_nodes.push_back({node_->name, std::move(reason)});
    return {FloatValue(), shape_};
  }
  Value value(decltype(Value::is) is) const { return {std::move(is), shape_}; }

  /// Behind a quantizer, which may be off.
  Value quantized(const Value& before, int quantizer) {
    if (!is_on(quantizer, encodings_)) return before;
    const EncodingList& list = encodings_[static_cast<std::size_t>(quantizer)];
    const auto meaning = list.size() == 1 ? code_meaning(list.front(), mode_) : std::nullopt;
    if (!meaning) return floats("the codes of its quantizer do not fit into 8 bits");
    return {steps_.codes(before, *meaning), before.shape};
  }

  /// What the node reads, behind its input quantizer. One that several nodes share is applied once.
  Value input(std::size_t number) {
    const int source = node_->inputs[number];
    const int quantizer = number < node_->input_quantizers.size() ? node_->input_quantizers[number] : -1;
    if (!is_on(quantizer, encodings_)) return values_[static_cast<std::size_t>(source)];
    const auto made = made_.find({source, quantizer});
    if (made != made_.end()) return made->second;
    return made_[{source, quantizer}] = quantized(values_[static_cast<std::size_t>(source)], quantizer);
  }

  Value compute() {
    switch (node_->op) {
      case Op::input: return value(ImageValue());
      case Op::conv:
      case Op::linear: return layer();
      case Op::add: return node_->inputs.size() == 2 ? sum() : floats("a constant is added");
      case Op::relu: return limited({.low = 0});
      case Op::relu6: return limited({0, 6});
      case Op::clip: return limited({node_->alpha, node_->beta});
      case Op::hard_sigmoid: return mapped(hard_sigmoid);
      case Op::hard_swish: return mapped(hard_swish);
      case Op::max_pool: return max_pool();
      case Op::global_avg_pool: return mean();
      case Op::flatten:
      case Op::reshape: return flat();
      case Op::dropout: return input(0);
      case Op::pad:
      case Op::subsample_pad_channels: return padded();
      case Op::concat: return concat();
      default: return floats(std::string(op_name(node_->op)) + " has no form on codes");
    }
  }

  Value layer() {
    const Value from = input(0);
    const std::int64_t products = products_of(*node_, shape_);
    plan_.products += products;
    const bool rows = node_->op == Op::conv || shapes_[values_.size()].size() == 1;
    auto made = rows ? integer_layer_of(graph_, *node_, encodings_, mode_) : std::string("it computes on a last axis");
    if (const auto* reason = std::get_if<std::string>(&made)) return floats(*reason);
    const auto* codes = std::get_if<Codes>(&from.is);
    if (!codes) return floats("its input has no codes");
    plan_.integer_products += products;
    if (!builds_) plan_.saturating_pairs += saturating_pairs_of(std::get<IntegerLayer>(made), from.shape, shape_);
    auto& layer = std::get<IntegerLayer>(made);
    layer.input = codes->slot;
    layer.output.shape = shape_;
    return value(LayerValue{std::move(layer)});
  }

  Value sum() {
    Value first = input(0), second = input(1);
    if (shapes_[static_cast<std::size_t>(node_->inputs[0])] != shapes_[static_cast<std::size_t>(node_->inputs[1])])
      return floats("a summand is repeated");
    if (std::holds_alternative<LayerValue>(second.is)) std::swap(first, second);
    const auto* codes = std::get_if<Codes>(&second.is);
    if (codes && std::holds_alternative<Codes>(first.is))
      return value(SumValue{std::get<Codes>(first.is), *codes, {}});
    auto* layer = std::get_if<LayerValue>(&first.is);
    if (!codes || !layer || layer->layer.summand || layer->layer.limits != Limits())
      return floats("its summands have no codes");
    layer->layer.summand = codes->slot;
    layer->layer.summand_meaning = codes->meaning;
    return first;
  }

  Value limited(Limits limits) {
    Value from = input(0);
    if (auto* codes = std::get_if<Codes>(&from.is)) codes->meaning.limits = codes->meaning.limits.clamped(limits);
    else if (auto* layer = std::get_if<LayerValue>(&from.is)) layer->layer.limits = layer->layer.limits.clamped(limits);
    else if (auto* sum = std::get_if<SumValue>(&from.is)) sum->limits = sum->limits.clamped(limits);
    else return floats("its input has no codes");
    return from;
  }

  Value mapped(float (*function)(float)) {
    const Value from = input(0);
    const auto* codes = std::get_if<Codes>(&from.is);
    if (!codes) return floats("its input has no codes");
    MappedValue result{*codes, codes->meaning.reals()};
    for (float& x : result.values) x = function(x);
    return value(result);
  }

  Value max_pool() {
    const Value from = input(0);
    const auto* codes = std::get_if<Codes>(&from.is);
    if (!codes) return floats("its input has no codes");
    if (!all_meet(node_->window, from.shape, shape_)) return floats("a window lies outside the image");
    const Slot to = steps_.new_slot(shape_);
    steps_.add(make_integer_max_pool(codes->slot, to, node_->window), {codes->slot.number}, to.number);
    return value(Codes{to, codes->meaning});
  }

  Value mean() {
    const Value from = input(0);
    const auto* codes = std::get_if<Codes>(&from.is);
    if (!codes || !exact_sums(graph_, *node_, encodings_, mode_))
      return floats("its input is on no grid of whole numbers whose sum stays below 2^24");
    return value(MeanValue{*codes});
  }

  Value flat() {
    Value from = input(0);
    if (shapes_[values_.size()].size() != 1) return floats("its output is no row of features");
    auto* codes = std::get_if<Codes>(&from.is);
    if (from.shape.pixels() == 1) {
      if (codes) codes->slot.shape = shape_;
      from.shape = shape_;
      return from;
    }
    if (!codes) return floats("its input has no codes");
    const Slot to = steps_.new_slot(shape_);
    steps_.add(make_integer_flatten(codes->slot, to), {codes->slot.number}, to.number);
    return value(Codes{to, codes->meaning});
  }

  Value padded() {
    const Value from = input(0);
    const auto* codes = std::get_if<Codes>(&from.is);
    if (!codes || !codes->meaning.on_grid()) return floats("its input is on no quantizer's grid");
    const Slot to = steps_.new_slot(shape_);
    const std::uint8_t zero = codes->meaning.zero_code();
    const auto& padding = node_->window.padding;
    steps_.add(node_->op == Op::pad ? make_integer_pad(codes->slot, to, padding[0], padding[2], zero)
                                    : make_integer_subsample(codes->slot, to, zero),
               {codes->slot.number}, to.number);
    return value(Codes{to, codes->meaning});
  }

  Value concat() {
    ConcatValue result;
    if (node_->axis != 1) return floats("it joins along another axis than the channels");
    for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
      const Value from = input(i);
      const auto* codes = std::get_if<Codes>(&from.is);
      if (!codes) return floats("its inputs have no codes");
      result.parts.push_back(*codes);
    }
    return value(std::move(result));
  }

  void write_logits() {
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

  const Graph& graph_;
  const EncodingTable& encodings_;
  const NumericsMode mode_;
  const std::vector<Shape> shapes_;
  const bool builds_;
  StepList steps_;
  IntegerPlan plan_;
  std::vector<Value> values_;                         ///< of the nodes before this one
  std::map<std::pair<int, int>, Value> made_;         ///< by node and the quantizer behind it
  const Node* node_ = nullptr;
  CodeShape shape_;                                   ///< of the node's output
};

}  // namespace

IntegerPlan plan_integers(const Graph& graph, const EncodingTable& encodings, NumericsMode mode) {
  return Planner(graph, encodings, mode, true).plan();
}

IntegerPlan judge_integers(const Graph& graph, const EncodingTable& encodings, NumericsMode mode) {
  return Planner(graph, encodings, mode, false).plan();
}

}  // namespace qeval
