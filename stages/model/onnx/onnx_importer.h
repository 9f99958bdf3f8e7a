#pragma once
/// The graph that is being built from an ONNX file. The operators' importers (onnx_operators.h) work on it.
/// Thread-safety: one thread. Errors: InputError.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stages/model/node_shapes.h"
#include "stages/model/onnx/onnx_file.h"
#include "stages/model/onnx/onnx_node.h"
#include "stages/model/onnx/onnx_parameters.h"
#include "stages/model/onnx/onnx_quantization.h"

namespace qeval {

class OnnxImporter;
using OnnxOperator = void (*)(OnnxImporter& importer, const OnnxNode& node);

class OnnxImporter {
 public:
  OnnxImporter(OnnxFile& file, const std::map<std::string, std::string>& parameters);
  Graph run();
  const OnnxQuantization& quantization() const { return quantization_; }

  // For the operators' importers.

  /// A node of the IR named after `from`, not yet in the graph. `inputs` are activations.
  Node make_node(const OnnxNode& from, Op op, const std::vector<const OnnxValue*>& inputs);
  /// Appends `node` and makes it the value of the first output of `from`. Its shape follows from its inputs'.
  void finish(const OnnxNode& from, Node node);
  /// Appends a node that is a step on the way; returns it as an operand.
  OnnxValue append(const OnnxNode& from, Node node);
  /// An output is that value, the first one if no other is meant.
  void bind(const OnnxNode& from, OnnxValue value, int output = 0);
  /// The first output is the first input.
  void bind_alias(const OnnxNode& from);
  /// The first output is `real` on a grid, as codes.
  void bind_on_grid(const OnnxNode& from, const OnnxValue& real, const CodeGrid& grid);
  /// What another node, of which `from` is the integer form, makes.
  OnnxValue run_as(const OnnxNode& from, const onnx::NodeProto& node, const std::vector<const OnnxValue*>& operands);
  /// Input `i`, which must be codes, with an IR node whose values lie on their grid.
  const OnnxValue& put_on_grid(const OnnxNode& from, std::size_t i);
  /// What is not an operand's storage counts towards the memory that constants computed on import may take.
  void bind_constant(const OnnxNode& from, OnnxConstant constant);
  /// The same of every output.
  void bind_constants(const OnnxNode& from, std::vector<OnnxConstant> constants);
  /// Of a Constant node.
  std::shared_ptr<const OnnxConstant> take_constant(const onnx::TensorProto& tensor) {
    return file_.take_constant(tensor);
  }
  /// Of a tensor that an operator made.
  std::shared_ptr<const OnnxConstant> constant(const onnx::TensorProto& made) const { return file_.constant(made); }
  /// Of the node, and of what it only gives another shape if that has no name yet: it was made for the same output.
  void name_output(int index, const std::string& name);
  /// The IR node that makes `value`. Changing it is right only where used_once says so.
  Node& producer(const OnnxValue& value) { return graph_.nodes[static_cast<std::size_t>(value.node)]; }
  OnnxQuantization& quantization() { return quantization_; }
  /// Whether anything that the network's output depends on reads this name.
  bool is_read(const std::string& name) const { return uses_.count(name) != 0; }
  /// One node reads input `i` of `from`, and it is no output of the graph.
  bool used_once(const OnnxNode& from, std::size_t i) const;

 private:
  void open_input();
  const onnx::ValueInfoProto& find_input() const;
  OnnxValue put_channels_last(const std::string& input, OnnxValue picture);
  void list_initializers();
  void find_needed();
  void refuse_unsupported() const;
  void import_node(const onnx::NodeProto& proto);
  const OnnxValue* operand(const onnx::NodeProto& node, const std::string& name);
  void run_known(const OnnxNode& node, OnnxOperator known);
  void move_codes(const OnnxNode& node, OnnxOperator mover);
  void forget_read_constants(const onnx::NodeProto& node);
  void spend(const OnnxNode& from, const void* storage, std::int64_t bytes);
  void close_output();
  std::string unique_name(const std::string& name);

  OnnxFile& file_;
  const OnnxParameters parameters_;
  const onnx::ValueInfoProto& output_;  ///< the one that the network's scores are
  Graph graph_;
  OnnxQuantization quantization_;
  std::vector<Shape> shapes_;                                     ///< one per node
  std::map<std::string, const onnx::TensorProto*> initializers_;  ///< those that the output needs
  std::map<std::string, OnnxValue> values_;  ///< initializers once they are read, constants until they were read last
  std::map<std::string, int> uses_;          ///< how often nodes read a name; an output of the graph counts as a use
  std::map<std::string, int> unread_;        ///< uses to come
  std::int64_t computed_bytes_ = 0;          ///< of constants that are no operand's storage
  std::vector<const onnx::NodeProto*> needed_;  ///< nodes the output depends on, in order
  std::set<std::string> names_;
};

}  // namespace qeval
