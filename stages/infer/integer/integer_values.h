#pragma once
/// What a node's value can be while a network is planned: codes in memory, or what codes will be made of once it is
/// known on which grid. Thread-safety: plain values.
#include <array>
#include <optional>
#include <variant>
#include <vector>

#include "stages/infer/integer/integer_layer.h"
#include "stages/quant/arithmetic/exact_norm.h"

namespace qeval {

struct Codes {
  Slot slot;
  CodeMeaning meaning;
};

struct ImageValue {};
struct LayerValue {
  IntegerLayer layer;
};
struct SumValue {
  Codes a, b;
  Limits limits;
};
/// An operation on one element of each; an operand of one pixel is repeated along the other's.
struct PairValue {
  Op op;
  Codes a, b;
  Limits limits;
};
/// Of the whole image, or of each window.
struct MeanValue {
  Codes of;
  std::optional<Window> window;
  Limits limits;
};
struct ConcatValue {
  std::vector<Codes> parts;
};
/// A function of one value, given for every code: one for all channels, or one for each.
struct MappedValue {
  Codes of;
  std::vector<std::array<float, 256>> values;
};
/// A layer norm over the channels.
struct NormValue {
  Codes of;
  ExactLayerNorm norm;
  Limits limits;
};
/// In floats only.
struct FloatValue {};

struct Value {
  std::variant<FloatValue, Codes, ImageValue, LayerValue, SumValue, PairValue, MeanValue, ConcatValue, MappedValue,
               NormValue>
      is;
  CodeShape shape;
  bool channels_last = false;  ///< in the graph: [H, W, C]; codes lie as ever
};

}  // namespace qeval
