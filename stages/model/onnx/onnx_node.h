#pragma once
/// One node of an ONNX graph with its inputs resolved: checked access for the operators' importers.
/// Thread-safety: one thread. The node and its operands must outlive it. Errors: InputError naming file, node, fix.
#include <string>
#include <vector>

#include "stages/model/onnx/onnx_file.h"
#include "stages/model/onnx/onnx_value.h"

namespace qeval {

class OnnxNode {
 public:
  /// `operands`: one per input, null for an optional input left out.
  OnnxNode(const OnnxFile& file, const onnx::NodeProto& proto, std::vector<const OnnxValue*> operands)
      : file_(file), proto_(proto), operands_(std::move(operands)) {}

  /// Another node of the same file, which must outlive the result as its operands must.
  OnnxNode like(const onnx::NodeProto& proto, std::vector<const OnnxValue*> operands) const {
    return {file_, proto, std::move(operands)};
  }

  const onnx::NodeProto& proto() const { return proto_; }
  int opset() const { return file_.opset(); }
  /// The node's name, or its first output's where it has none.
  std::string name() const;
  [[noreturn]] void fail(const std::string& what) const;
  void require(bool condition, const char* what) const {
    if (!condition) fail(what);
  }

  std::size_t operand_count() const { return operands_.size(); }
  bool has_operand(std::size_t i) const { return i < operands_.size() && operands_[i] != nullptr; }
  const OnnxValue& operand(std::size_t i) const;
  const OnnxValue& activation(std::size_t i) const;
  bool is_constant(std::size_t i) const { return has_operand(i) && operands_[i]->constant != nullptr; }
  const OnnxConstant& constant(std::size_t i) const;
  /// A float constant of `rank` axes; −1: any.
  const Tensor& float_tensor(std::size_t i, int rank = -1) const;
  /// A float constant with one element; `fallback` if the input is left out.
  float scalar(std::size_t i, float fallback) const;
  const std::vector<std::int64_t>& integers(std::size_t i) const;

  bool has_attribute(const char* name) const { return find(name) != nullptr; }
  std::int64_t integer(const char* name, std::int64_t fallback, std::int64_t low, std::int64_t high) const;
  float number(const char* name, float fallback) const;
  std::string text(const char* name, const char* fallback) const;
  /// `count` values, each in [low, high].
  std::vector<int> small_integers(const char* name, std::vector<int> fallback, int low, int high) const;
  std::vector<std::int64_t> integer_list(const char* name) const;
  /// Axes or sizes, which moved from an attribute to an input: whichever is there; empty if neither.
  std::vector<std::int64_t> list_from(const char* name, std::size_t input) const;
  const onnx::TensorProto* tensor(const char* name) const;
  /// `axis` counted from the front, for a value of `rank` axes with the batch.
  int axis(std::int64_t axis, std::size_t rank) const;

 private:
  const onnx::AttributeProto* find(const char* name) const;

  const OnnxFile& file_;
  const onnx::NodeProto& proto_;
  std::vector<const OnnxValue*> operands_;
};

}  // namespace qeval
