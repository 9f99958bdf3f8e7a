#include "stages/model/onnx/onnx_importer.h"

#include <algorithm>

#include "stages/model/onnx/constant_folding.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/model/onnx/onnx_input.h"
#include "stages/model/onnx/onnx_operators.h"
#include "stages/model/onnx/onnx_outputs.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

/// Whole numbers of 8 bits become floats of 32, some of which are transposed; nothing honest needs more.
constexpr std::int64_t most_computed_growth = 16;
constexpr std::int64_t small_file_allowance_bytes = std::int64_t{64} << 20;

bool is_standard(const onnx::NodeProto& node) { return node.domain().empty() || node.domain() == "ai.onnx"; }

/// onnxruntime's quantizer writes operators of its own beside ONNX's.
bool is_known_elsewhere(const onnx::NodeProto& node) {
  return node.domain() == "com.microsoft" && onnx_integer_operators().count(node.op_type()) != 0;
}

/// What is true of numbers is true of their codes.
bool moves_codes(const std::string& type) {
  static const std::set<std::string_view> types{"MaxPool", "Reshape",  "Flatten", "Transpose", "Squeeze", "Unsqueeze",
                                                "Slice",   "Identity", "Gather",  "Split",     "Expand"};
  return types.count(type) != 0;
}

bool is_known(const std::string& type) {
  return onnx_operators().count(type) != 0 || constant_foldings().count(type) != 0;
}

/// Of a node with operands.
bool only_constants(const std::vector<const OnnxValue*>& operands) {
  bool any = false;
  for (const OnnxValue* operand : operands) {
    if (operand && !operand->constant) return false;
    any = any || operand;
  }
  return any;
}

std::string shown(const onnx::NodeProto& node) {
  return in_quotes(!node.name().empty() ? node.name() : node.output_size() > 0 ? node.output(0) : "");
}

}  // namespace

OnnxImporter::OnnxImporter(OnnxFile& file, const std::map<std::string, std::string>& parameters)
    : file_(file),
      parameters_(read_onnx_parameters(parameters)),
      output_(choose_onnx_output(file, parameters_.output)) {
  graph_.arch = onnx_arch_name;
}

Graph OnnxImporter::run() {
  find_needed();
  list_initializers();
  refuse_unsupported();
  open_input();
  for (const onnx::NodeProto* node : needed_) import_node(*node);
  close_output();
  return std::move(graph_);
}

/// Those that the output needs: what else a file holds is nothing of this network.
void OnnxImporter::list_initializers() {
  for (const auto& tensor : file_.graph().initializer())
    if (uses_.count(tensor.name()) != 0 && !initializers_.emplace(tensor.name(), &tensor).second)
      file_.fail("initializer " + in_quotes(tensor.name()) + " appears twice");
  if (file_.graph().sparse_initializer_size() > 0)
    file_.fail("has sparse initializers, which are not supported; store the weights densely");
}

const onnx::ValueInfoProto& OnnxImporter::find_input() const {
  const onnx::ValueInfoProto* input = nullptr;
  for (const auto& candidate : file_.graph().input()) {
    // Older files list initializers as inputs too.
    if (initializers_.count(candidate.name()) != 0 || uses_.count(candidate.name()) == 0) continue;
    if (input)
      file_.fail("has several inputs, " + in_quotes(input->name()) + " and " + in_quotes(candidate.name()) +
                 "; an image classifier has one");
    input = &candidate;
  }
  if (!input) file_.fail("output " + in_quotes(output_.name()) + " is not computed by the graph from an input");
  return *input;
}

void OnnxImporter::open_input() {
  const onnx::ValueInfoProto& input = find_input();
  const OnnxPicture picture = read_onnx_picture(file_, input, needed_, parameters_);
  graph_.input_shape = picture.shape;
  Node node;
  node.name = "input";
  node.onnx_output = input.name();
  names_.insert(node.name);
  graph_.nodes.push_back(std::move(node));
  OnnxValue value;
  value.node = 0;
  value.shape = output_shape(graph_, 0, shapes_);
  shapes_.push_back(value.shape);
  if (picture.channels_last) value = put_channels_last(input.name(), std::move(value));
  values_[input.name()] = std::move(value);
}

/// A Transpose that brings the channels to the front again gives back the picture itself. Returns what others read.
OnnxValue OnnxImporter::put_channels_last(const std::string& input, OnnxValue picture) {
  picture.shared = true;
  const auto undone = std::remove_if(needed_.begin(), needed_.end(), [&](const onnx::NodeProto* node) {
    if (!is_transpose_to_channels_first(*node) || node->input_size() != 1 || node->input(0) != input) return false;
    values_[node->output(0)] = picture;
    --uses_[input];
    return true;
  });
  needed_.erase(undone, needed_.end());
  if (uses_[input] == 0) return picture;
  Node node;
  node.op = Op::permute;
  node.name = node.module = node.prepared = unique_name("channels_last");
  node.inputs = {picture.node};
  node.axes = {0, 2, 3, 1};
  graph_.nodes.push_back(std::move(node));
  picture.node = static_cast<int>(graph_.nodes.size()) - 1;
  picture.shape = output_shape(graph_, shapes_.size(), shapes_);
  shapes_.push_back(picture.shape);
  return picture;
}

void OnnxImporter::find_needed() {
  const auto& graph = file_.graph();
  std::map<std::string, int> makers;
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string& output : graph.node(i).output())
      if (!output.empty() && !makers.emplace(output, i).second)
        file_.fail("value " + in_quotes(output) + " is made by two nodes");
  std::vector<char> needed(static_cast<std::size_t>(graph.node_size()), 0);
  std::vector<std::string> open{output_.name()};
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
  ++uses_[output_.name()];
  unread_ = uses_;
}

void OnnxImporter::refuse_unsupported() const {
  std::map<std::string, std::vector<std::string>> unsupported;
  for (const onnx::NodeProto* node : needed_)
    if (!is_known_elsewhere(*node) && (!is_standard(*node) || !is_known(node->op_type())))
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

const OnnxValue* OnnxImporter::operand(const onnx::NodeProto& node, const std::string& name) {
  if (name.empty()) return nullptr;
  if (const auto found = values_.find(name); found != values_.end()) return &found->second;
  if (const auto stored = initializers_.find(name); stored != initializers_.end()) {
    OnnxValue value;
    value.constant = file_.take_constant(*stored->second);
    return &(values_[name] = std::move(value));
  }
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
  const auto folding = constant_foldings().find(proto.op_type());
  const bool folds = folding != constant_foldings().end() && only_constants(operands);
  const OnnxNode node(file_, proto, std::move(operands));
  node.require(proto.output_size() > 0 && !proto.output(0).empty(), "it has no output");
  if (folds)
    bind_constants(node, folding->second(node));
  else if (const auto known = onnx_operators().find(proto.op_type()); known != onnx_operators().end())
    run_known(node, known->second);
  else
    node.fail("it is computed from the image; this operator is supported for constants only");
  forget_read_constants(proto);
}

void OnnxImporter::run_known(const OnnxNode& node, OnnxOperator known) {
  const bool codes = node.has_operand(0) && node.operand(0).grid;
  return codes && moves_codes(node.proto().op_type()) ? move_codes(node, known) : known(*this, node);
}

void OnnxImporter::move_codes(const OnnxNode& node, OnnxOperator mover) {
  const OnnxValue codes = put_on_grid(node, 0), real = codes.real();
  std::vector<const OnnxValue*> operands{&real};
  for (std::size_t i = 1; i < node.operand_count(); ++i)
    operands.push_back(node.has_operand(i) ? &node.operand(i) : nullptr);
  mover(*this, node.like(node.proto(), std::move(operands)));
  for (const std::string& output : node.proto().output())
    if (const auto made = values_.find(output); made != values_.end()) {
      made->second.grid = codes.grid;
      made->second.on_grid = true;
    }
}

const OnnxValue& OnnxImporter::put_on_grid(const OnnxNode& from, std::size_t i) {
  OnnxValue& codes = values_.at(from.proto().input(static_cast<int>(i)));
  from.require(codes.grid != nullptr, "an input is not made of codes by a QuantizeLinear or an integer operator");
  if (codes.on_grid) return codes;
  Node made = make_node(from, Op::quantize_dequantize, {&codes});
  made.grid = *codes.grid;
  quantization_.add_activation(OnnxCodes::of(made.grid));
  codes.node = append(from, std::move(made)).node;
  codes.on_grid = true;
  return codes;
}

OnnxValue OnnxImporter::run_as(const OnnxNode& from, const onnx::NodeProto& node,
                               const std::vector<const OnnxValue*>& operands) {
  onnx_operators().at(node.op_type())(*this, from.like(node, operands));
  const auto made = values_.find(node.output(0));
  OnnxValue value = std::move(made->second);
  values_.erase(made);
  return value;
}

void OnnxImporter::bind_on_grid(const OnnxNode& from, const OnnxValue& real, const CodeGrid& grid) {
  // The name is that of the codes.
  producer(real).onnx_output.clear();
  Node made = make_node(from, Op::quantize_dequantize, {&real});
  made.grid = grid;
  made.onnx_output = from.proto().output(0);
  quantization_.add_activation(OnnxCodes::of(grid));
  OnnxValue codes = append(from, std::move(made));
  codes.grid = std::make_shared<const CodeGrid>(grid);
  codes.on_grid = true;
  values_[from.proto().output(0)] = std::move(codes);
}

void OnnxImporter::bind_constants(const OnnxNode& from, std::vector<OnnxConstant> constants) {
  for (std::size_t i = 0; i < constants.size(); ++i) {
    spend(from, constants[i].storage(), constants[i].storage_bytes());
    values_[from.proto().output(static_cast<int>(i))].constant =
        std::make_shared<const OnnxConstant>(std::move(constants[i]));
  }
}

void OnnxImporter::forget_read_constants(const onnx::NodeProto& node) {
  for (const std::string& name : node.input()) {
    if (name.empty() || --unread_[name] > 0) continue;
    if (const auto found = values_.find(name); found != values_.end() && found->second.constant) values_.erase(found);
  }
}

void OnnxImporter::spend(const OnnxNode& from, const void* storage, std::int64_t bytes) {
  for (std::size_t i = 0; i < from.operand_count(); ++i)
    if (from.is_constant(i) && from.constant(i).storage() == storage) return;
  computed_bytes_ += bytes;
  const std::int64_t most = most_computed_growth * file_.bytes_with_external() + small_file_allowance_bytes;
  if (computed_bytes_ > most)
    from.fail("what is computed of constants up to here takes more than " + std::to_string(most >> 20) + " MiB, " +
              std::to_string(small_file_allowance_bytes >> 20) + " and " + std::to_string(most_computed_growth) +
              " times the size of the model; export it with constants folded");
}

std::string OnnxImporter::unique_name(const std::string& name) {
  std::string unique = name;
  for (int i = 1; !names_.insert(unique).second; ++i) unique = name + "#" + std::to_string(i);
  return unique;
}

Node OnnxImporter::make_node(const OnnxNode& from, Op op, const std::vector<const OnnxValue*>& inputs) {
  Node node;
  node.op = op;
  for (const OnnxValue* input : inputs) node.inputs.push_back(input->node);
  node.name = node.module = node.prepared = unique_name(from.name());
  return node;
}

OnnxValue OnnxImporter::append(const OnnxNode& from, Node node) {
  for (const Tensor* tensor : {&node.weight, &node.bias, &node.mean, &node.variance})
    if (tensor->defined())
      spend(from, tensor->data().get(), tensor->numel() * static_cast<std::int64_t>(sizeof(float)));
  graph_.nodes.push_back(std::move(node));
  OnnxValue value;
  value.node = static_cast<int>(graph_.nodes.size()) - 1;
  value.shape = output_shape(graph_, shapes_.size(), shapes_);
  element_count(from, value.shape);
  shapes_.push_back(value.shape);
  return value;
}

void OnnxImporter::finish(const OnnxNode& from, Node node) { bind(from, append(from, std::move(node))); }

void OnnxImporter::bind(const OnnxNode& from, OnnxValue value, int output) {
  const std::string& name = from.proto().output(output);
  if (value.node >= 0 && !value.grid) name_output(value.node, name);
  values_[name] = std::move(value);
}

void OnnxImporter::name_output(int index, const std::string& name) {
  const auto at = [&](int i) -> Node& { return graph_.nodes[static_cast<std::size_t>(i)]; };
  at(index).onnx_output = name;
  while (at(index).op == Op::reshape || at(index).op == Op::flatten) {
    index = at(index).inputs[0];
    if (!at(index).onnx_output.empty()) return;
    at(index).onnx_output = name;
  }
}

void OnnxImporter::bind_constant(const OnnxNode& from, OnnxConstant constant) {
  std::vector<OnnxConstant> one;
  one.push_back(std::move(constant));
  bind_constants(from, std::move(one));
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
  const std::string& name = output_.name();
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.constant || found->second.grid || found->second.node == 0)
    file_.fail("output " + in_quotes(name) + " is not computed by the graph from its input");
  const OnnxValue& output = found->second;
  std::int64_t classes = 1;
  for (const std::int64_t size : output.shape) classes *= size;
  if (output.shape.empty() || output.shape[0] != classes)
    refuse_onnx_output(file_, output_, "is not one row of logits per image");
  if (output.shape.size() > 1 || output.node != static_cast<int>(graph_.nodes.size()) - 1) {
    Node node;
    node.op = Op::flatten;
    node.name = node.module = node.prepared = unique_name("logits");
    node.inputs = {output.node};
    graph_.nodes.push_back(std::move(node));
  }
  graph_.num_classes = static_cast<int>(classes);
}

OnnxModel import_onnx(const std::filesystem::path& file, const std::map<std::string, std::string>& parameters,
                      WeightsFiles& files) {
  OnnxFile opened(file, files);
  OnnxModel model;
  OnnxImporter importer(opened, parameters);
  model.graph = importer.run();
  model.quantization = importer.quantization();
  model.sha256 = opened.sha256();
  model.file_bytes = opened.bytes();
  model.external_files = opened.external_files();
  model.external_sha256 = opened.external_sha256();
  if (opened.graph().output_size() > 1) model.output = parameters.at("output");
  return model;
}

OnnxModel import_onnx(const std::filesystem::path& file, const std::map<std::string, std::string>& parameters) {
  WeightsFiles files;
  return import_onnx(file, parameters, files);
}

}  // namespace qeval
