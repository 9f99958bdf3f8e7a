#include "stages/model/onnx/onnx_importer.h"

#include <charconv>

#include "pipeline/errors.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/model/onnx/onnx_operators.h"
#include "stages/model/weights_format_error.h"

namespace qeval {
namespace {

constexpr int largest_input_size = 1 << 14;

bool is_standard(const onnx::NodeProto& node) { return node.domain().empty() || node.domain() == "ai.onnx"; }

std::string shown(const onnx::NodeProto& node) {
  return in_quotes(!node.name().empty() ? node.name() : node.output_size() > 0 ? node.output(0) : "");
}

int input_size_parameter(const std::map<std::string, std::string>& parameters) {
  int size = 0;
  for (const auto& [key, text] : parameters) {
    if (key != "input_size") throw UsageError("architecture 'onnx' has no parameter '" + key + "', only input_size");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || end != text.data() + text.size() || size < 1 || size > largest_input_size)
      throw UsageError("architecture 'onnx': input_size is '" + text + "', but must be a whole number from 1 to " +
                       std::to_string(largest_input_size));
  }
  return size;
}

}  // namespace

OnnxImporter::OnnxImporter(OnnxFile& file, const std::map<std::string, std::string>& parameters)
    : file_(file), parameters_(parameters) {
  graph_.arch = onnx_arch_name;
}

Graph OnnxImporter::run() {
  load_initializers();
  find_needed();
  refuse_unsupported();
  open_input();
  for (const onnx::NodeProto* node : needed_) import_node(*node);
  close_output();
  return std::move(graph_);
}

void OnnxImporter::load_initializers() {
  for (const auto& tensor : file_.graph().initializer()) {
    if (values_.count(tensor.name()) != 0) file_.fail("initializer " + in_quotes(tensor.name()) + " appears twice");
    OnnxValue value;
    value.constant = file_.constant(tensor);
    values_[tensor.name()] = std::move(value);
  }
  if (file_.graph().sparse_initializer_size() > 0)
    file_.fail("has sparse initializers, which are not supported; store the weights densely");
}

void OnnxImporter::open_input() {
  const onnx::ValueInfoProto* input = nullptr;
  for (const auto& candidate : file_.graph().input()) {
    if (values_.count(candidate.name()) != 0) continue;  // older files list initializers as inputs too
    if (input)
      file_.fail("has several inputs, " + in_quotes(input->name()) + " and " + in_quotes(candidate.name()) +
                 "; an image classifier has one");
    input = &candidate;
  }
  if (!input) file_.fail("has no input");
  graph_.input_shape = input_shape(*input);
  Node node;
  node.name = "input";
  node.onnx_output = input->name();
  names_.insert(node.name);
  graph_.nodes.push_back(std::move(node));
  OnnxValue value;
  value.node = 0;
  value.shape = output_shape(graph_, 0, shapes_);
  shapes_.push_back(value.shape);
  values_[input->name()] = std::move(value);
}

std::array<int, 3> OnnxImporter::input_shape(const onnx::ValueInfoProto& input) const {
  const auto& type = input.type().tensor_type();
  const std::string what = "input " + in_quotes(input.name());
  if (!input.type().has_tensor_type() || type.elem_type() != onnx::TensorProto::FLOAT)
    file_.fail(what + " is not a tensor of 32-bit floats");
  if (type.shape().dim_size() != 4) file_.fail(what + " has not the 4 axes of images, [N, C, H, W]");
  const int given = input_size_parameter(parameters_);
  std::array<int, 3> shape{};
  for (int i = 0; i < 3; ++i) {
    const auto& dim = type.shape().dim(i + 1);
    std::int64_t size = dim.has_dim_value() ? dim.dim_value() : 0;
    if (size == 0 && i > 0) size = given;
    if (size == 0 && i > 0) file_.fail(what + " leaves its height or width open; set model.parameters.input_size");
    if (size < 1 || size > largest_input_size)
      file_.fail(what + " has the size " + std::to_string(size) + " on axis " + std::to_string(i + 1));
    shape[static_cast<std::size_t>(i)] = static_cast<int>(size);
  }
  return shape;
}

void OnnxImporter::find_needed() {
  const auto& graph = file_.graph();
  if (graph.output_size() != 1)
    file_.fail("has " + std::to_string(graph.output_size()) + " outputs; a classifier has one, the logits");
  std::map<std::string, int> makers;
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string& output : graph.node(i).output())
      if (!output.empty() && !makers.emplace(output, i).second)
        file_.fail("value " + in_quotes(output) + " is made by two nodes");
  std::vector<char> needed(static_cast<std::size_t>(graph.node_size()), 0);
  std::vector<std::string> open{graph.output(0).name()};
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    const auto maker = makers.find(name);
    if (maker == makers.end() || needed[static_cast<std::size_t>(maker->second)]) continue;
    needed[static_cast<std::size_t>(maker->second)] = 1;
    for (const std::string& input : graph.node(maker->second).input()) open.push_back(input);
  }
  for (int i = 0; i < graph.node_size(); ++i) {
    if (!needed[static_cast<std::size_t>(i)]) continue;
    needed_.push_back(&graph.node(i));
    for (const std::string& input : graph.node(i).input()) ++uses_[input];
  }
  ++uses_[graph.output(0).name()];
}

void OnnxImporter::refuse_unsupported() const {
  std::map<std::string, std::vector<std::string>> unsupported;
  for (const onnx::NodeProto* node : needed_)
    if (!is_standard(*node) || onnx_operators().count(node->op_type()) == 0)
      unsupported[(is_standard(*node) ? "" : node->domain() + ".") + node->op_type()].push_back(shown(*node));
  if (unsupported.empty()) return;
  std::string text = "uses operators that are not supported:";
  for (const auto& [type, nodes] : unsupported) {
    text += "\n  " + in_quotes(type) + " (" + std::to_string(nodes.size()) + "): " + nodes[0];
    for (std::size_t i = 1; i < nodes.size() && i < 3; ++i) text += ", " + nodes[i];
    if (nodes.size() > 3) text += ", …";
  }
  file_.fail(text + "\n  export the model with other operators, or for evaluation instead of training");
}

const OnnxValue* OnnxImporter::operand(const onnx::NodeProto& node, const std::string& name) const {
  if (name.empty()) return nullptr;
  if (const auto found = values_.find(name); found != values_.end()) return &found->second;
  for (const auto& other : file_.graph().node())
    for (const std::string& output : other.output())
      if (output == name)
        file_.fail("node " + shown(node) + " uses " + in_quotes(name) + ", which node " + shown(other) +
                   " makes only later or not as its first output: the graph is cyclic, or not sorted");
  file_.fail("node " + shown(node) + " uses " + in_quotes(name) +
             ", but no node, initializer or input provides it; the file is incomplete, export it again");
}

void OnnxImporter::import_node(const onnx::NodeProto& proto) {
  std::vector<const OnnxValue*> operands;
  for (const std::string& name : proto.input()) operands.push_back(operand(proto, name));
  const OnnxNode node(file_, proto, std::move(operands));
  node.require(proto.output_size() > 0 && !proto.output(0).empty(), "it has no output");
  onnx_operators().at(proto.op_type())(*this, node);
}

std::string OnnxImporter::unique_name(const std::string& name) {
  std::string unique = name;
  for (int i = 1; !names_.insert(unique).second; ++i) unique = name + "#" + std::to_string(i);
  return unique;
}

Node OnnxImporter::make_node(const OnnxNode& from, Op op, std::vector<const OnnxValue*> inputs) {
  Node node;
  node.op = op;
  for (const OnnxValue* input : inputs) node.inputs.push_back(input->node);
  node.name = node.module = node.prepared = unique_name(from.name());
  return node;
}

OnnxValue OnnxImporter::append(const OnnxNode& from, Node node) {
  graph_.nodes.push_back(std::move(node));
  OnnxValue value;
  value.node = static_cast<int>(graph_.nodes.size()) - 1;
  value.shape = output_shape(graph_, shapes_.size(), shapes_);
  element_count(from, value.shape);
  shapes_.push_back(value.shape);
  return value;
}

void OnnxImporter::finish(const OnnxNode& from, Node node) { bind(from, append(from, std::move(node))); }

void OnnxImporter::bind(const OnnxNode& from, OnnxValue value) {
  const std::string& name = from.proto().output(0);
  if (value.node >= 0 && !value.grid) producer(value).onnx_output = name;
  values_[name] = std::move(value);
}

void OnnxImporter::bind_constant(const OnnxNode& from, OnnxConstant constant) {
  OnnxValue value;
  value.constant = std::make_shared<const OnnxConstant>(std::move(constant));
  bind(from, std::move(value));
}

void OnnxImporter::bind_alias(const OnnxNode& from) {
  OnnxValue value = from.operand(0);
  value.shared = !used_once(from, 0);
  values_[from.proto().output(0)] = std::move(value);
}

bool OnnxImporter::used_once(const OnnxNode& from, std::size_t i) const {
  const auto found = uses_.find(from.proto().input(static_cast<int>(i)));
  return found != uses_.end() && found->second == 1 && !from.operand(i).shared;
}

void OnnxImporter::close_output() {
  const std::string& name = file_.graph().output(0).name();
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.constant || found->second.grid || found->second.node == 0)
    file_.fail("output " + in_quotes(name) + " is not computed by the graph from its input");
  const OnnxValue& output = found->second;
  std::int64_t classes = 1;
  for (const std::int64_t size : output.shape) classes *= size;
  if (output.shape.empty() || output.shape[0] != classes)
    file_.fail("output " + in_quotes(name) + " is not one row of logits per image");
  if (output.shape.size() > 1 || output.node != static_cast<int>(graph_.nodes.size()) - 1) {
    Node node;
    node.op = Op::flatten;
    node.name = node.module = node.prepared = unique_name("logits");
    node.inputs = {output.node};
    graph_.nodes.push_back(std::move(node));
  }
  graph_.num_classes = static_cast<int>(classes);
}

OnnxModel import_onnx(const std::filesystem::path& file, const std::map<std::string, std::string>& parameters) {
  OnnxFile opened(file);
  OnnxModel model;
  model.graph = OnnxImporter(opened, parameters).run();
  opened.release_rest();
  model.sha256 = opened.sha256();
  model.file_bytes = opened.bytes();
  model.external_files = opened.external_files();
  model.external_sha256 = opened.external_sha256();
  return model;
}

}  // namespace qeval
