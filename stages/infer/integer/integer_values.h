#pragma once
/// What a node's value can be while a network is planned: codes in memory, or what codes will be made of once it is
/// known on which grid. Thread-safety: plain values.
#include <array>
#include <variant>
#include <vector>

#include "stages/infer/integer/integer_layer.h"

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
struct MeanValue {
  Codes of;
};
struct ConcatValue {
  std::vector<Codes> parts;
};
/// A function of one value, given for every code.
struct MappedValue {
  Codes of;
  std::array<float, 256> values;
};
/// In floats only.
struct FloatValue {};

struct Value {
  std::variant<FloatValue, Codes, ImageValue, LayerValue, SumValue, MeanValue, ConcatValue, MappedValue> is;
  CodeShape shape;
};

}  // namespace qeval
