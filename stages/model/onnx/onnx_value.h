#pragma once
/// What a name of an ONNX graph stands for during import. Plain values.
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

/// A list of whole numbers that its copies share. Immutable.
class SharedIntegers {
 public:
  SharedIntegers() : SharedIntegers(std::vector<std::int64_t>{}) {}
  SharedIntegers(std::vector<std::int64_t> values)  // NOLINT(google-explicit-constructor): is one, but for its storage
      : values_(std::make_shared<const std::vector<std::int64_t>>(std::move(values))) {}
  SharedIntegers(std::initializer_list<std::int64_t> values) : SharedIntegers(std::vector<std::int64_t>(values)) {}

  const std::vector<std::int64_t>& list() const { return *values_; }
  std::size_t size() const { return values_->size(); }
  std::int64_t operator[](std::size_t i) const { return (*values_)[i]; }

 private:
  std::shared_ptr<const std::vector<std::int64_t>> values_;
};

/// An initializer, a Constant node's value, or what was computed of such.
struct OnnxConstant {
  std::vector<std::int64_t> shape;
  Tensor floats;                    ///< defined for floating-point constants
  SharedIntegers integers;          ///< whole numbers, and truth values as 0 and 1
  bool of_shape = false;            ///< read from a shape, or moved from such: what is below 0 is the batch's size
  int code_bits = 0, code_low = 0;  ///< of 8- and 16-bit integers: their range, as quantized tensors use it

  bool is_float() const { return floats.defined(); }
  std::int64_t count() const { return is_float() ? floats.numel() : static_cast<std::int64_t>(integers.size()); }
  /// Where the elements are; what is the same storage as another constant's takes no memory of its own.
  const void* storage() const {
    if (is_float()) return floats.data().get();
    return integers.list().data();
  }
  std::int64_t storage_bytes() const {
    return count() * static_cast<std::int64_t>(is_float() ? sizeof(float) : sizeof(std::int64_t));
  }
};

/// A constant, or an activation: the output of IR node `node`.
struct OnnxValue {
  int node = -1;
  std::vector<std::int64_t> shape;  ///< of an activation, without the batch in front; empty: one number per image
  bool shared = false;              ///< other names of the ONNX graph stand for the same activation
  std::shared_ptr<const OnnxConstant> constant;
  std::shared_ptr<const CodeGrid> grid;  ///< of values that are codes on it, as a QuantizeLinear's output
  bool on_grid = false;                  ///< of codes: the IR node's values lie on it already

  /// Of codes whose node's values lie on their grid: those.
  OnnxValue real() const {
    OnnxValue value = *this;
    value.grid = nullptr;
    value.on_grid = false;
    return value;
  }

  /// Of an activation: the size of axis 1, or 1 where it has the batch axis alone.
  std::int64_t channels() const { return shape.empty() ? 1 : shape[0]; }
};

}  // namespace qeval
