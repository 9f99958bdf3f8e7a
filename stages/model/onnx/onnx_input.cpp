#include "stages/model/onnx/onnx_input.h"

#include <algorithm>
#include <set>
#include <string>

#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

/// Operators that leave every value on its place.
bool keeps_places(const std::string& type) {
  static const std::set<std::string> types{
      "Add", "Cast", "Clip", "DequantizeLinear", "Div", "Identity", "Mul", "QuantizeLinear", "Relu", "Sub"};
  return types.count(type) != 0;
}

bool reaches_transpose(const std::string& input, const std::vector<const onnx::NodeProto*>& nodes) {
  std::set<std::string> same_places{input};
  for (const onnx::NodeProto* node : nodes) {
    const bool reads = std::any_of(node->input().begin(), node->input().end(),
                                   [&](const std::string& name) { return same_places.count(name) != 0; });
    if (!reads) continue;
    if (is_transpose_to_channels_first(*node)) return true;
    if (keeps_places(node->op_type()) && node->output_size() > 0) same_places.insert(node->output(0));
  }
  return false;
}

/// 0: left open.
using Sizes = std::array<std::int64_t, 3>;

bool are_channels(std::int64_t size) { return size == 1 || size == 3; }
/// An image has more rows than channels.
bool is_side(std::int64_t size) { return size == 0 || size > 4; }

bool channels_come_last(const Sizes& sizes, bool transposed) {
  if (are_channels(sizes[0]) && !are_channels(sizes[2])) return false;
  return transposed || (are_channels(sizes[2]) && is_side(sizes[0]) && is_side(sizes[1]));
}

Sizes declared_sizes(const OnnxFile& file, const onnx::ValueInfoProto& input) {
  const auto& type = input.type().tensor_type();
  const std::string what = "input " + in_quotes(input.name());
  if (!input.type().has_tensor_type() || type.elem_type() != onnx::TensorProto::FLOAT)
    file.fail(what + " is not a tensor of 32-bit floats");
  if (type.shape().dim_size() != 4) file.fail(what + " has not the 4 axes of images, [N, C, H, W] or [N, H, W, C]");
  Sizes sizes{};
  for (int axis = 0; axis < 3; ++axis) {
    const auto& dim = type.shape().dim(axis + 1);
    sizes[static_cast<std::size_t>(axis)] = dim.has_dim_value() ? dim.dim_value() : 0;
  }
  return sizes;
}

}  // namespace

bool is_transpose_to_channels_first(const onnx::NodeProto& node) {
  if (node.op_type() != "Transpose" || node.output_size() != 1) return false;
  for (const auto& attribute : node.attribute())
    if (attribute.name() == "perm")
      return std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end()) ==
             std::vector<std::int64_t>{0, 3, 1, 2};
  return false;
}

OnnxPicture read_onnx_picture(const OnnxFile& file, const onnx::ValueInfoProto& input,
                              const std::vector<const onnx::NodeProto*>& nodes, const OnnxParameters& parameters) {
  Sizes sizes = declared_sizes(file, input);
  OnnxPicture picture;
  picture.channels_last = channels_come_last(sizes, reaches_transpose(input.name(), nodes));
  const std::size_t height = picture.channels_last ? 0 : 1, channels = picture.channels_last ? 2 : 0;
  const std::string what = "input " + in_quotes(input.name());
  for (const std::size_t axis : {height, height + 1}) {
    if (sizes[axis] == 0 && parameters.input_size) sizes[axis] = (*parameters.input_size)[axis - height];
    if (sizes[axis] == 0)
      file.fail(what +
                " leaves its height or width open; set model.parameters.input_size, a number or [height, "
                "width]");
  }
  if (sizes[channels] == 0) file.fail(what + " leaves its channels open; export the model with 3 of them, or 1");
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (sizes[axis] < 1 || sizes[axis] > largest_onnx_input_size)
      file.fail(what + " has the size " + std::to_string(sizes[axis]) + " on axis " + std::to_string(axis + 1));
  picture.shape = {static_cast<int>(sizes[channels]), static_cast<int>(sizes[height]),
                   static_cast<int>(sizes[height + 1])};
  return picture;
}

}  // namespace qeval
