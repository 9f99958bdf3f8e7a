#pragma once
/// Helps an architecture to write its graph down: names call sites as the source framework and AIMET's prepare_model
/// do, tracks activation shapes, and gives every parameter tensor its shape (the data comes later, see attach_weights).
///
/// Thread-safety: none. Errors: InternalError for a graph that cannot be (an architecture's bug).
#include <array>
#include <map>
#include <string>
#include <vector>

#include "stages/model/node_shapes.h"

namespace qeval {

/// Activation shape without the batch. After permute the fields hold axes 1, 2, 3, whatever they mean by then.
struct FeatureShape {
  int channels = 0, height = 1, width = 1;
};

/// A square window, the same padding on all sides.
Window square_window(int kernel, int stride = 1, int padding = 0, int groups = 1);

/// TensorFlow's SAME padding for one axis, {before, after}: the output has ceil(size / stride) positions and an odd
/// total puts the extra one after.
std::array<int, 2> same_padding(int size, int kernel, int stride);

class GraphBuilder {
 public:
  GraphBuilder(std::string arch, std::array<int, 3> input_shape, int num_classes);

  static constexpr int network_input = 0;  ///< index of the input node

  // Calls of modules. `module` is its dotted path; calling one twice makes a second call site of it.
  int conv(const std::string& module, int input, int out_channels, const Window& window);
  int conv_with_bias(const std::string& module, int input, int out_channels, const Window& window);
  /// A convolution whose module's forward calls F.conv2d: prepare_model puts a new module inside it.
  int conv_by_function(const std::string& module, int input, int out_channels, const Window& window);
  int linear(const std::string& module, int input, int out_features);
  /// Of every pixel in [N, H, W, C].
  int linear_on_last_axis(const std::string& module, int input, int out_features);
  int batch_norm(const std::string& module, int input, float epsilon = 1e-5f);
  /// `axis` counts the batch: 1 for NCHW, 3 for NHWC.
  int layer_norm(const std::string& module, int input, int axis, float epsilon);
  /// Of a module whose forward calls F.layer_norm, which prepare_model leaves a function.
  int layer_norm_by_function(const std::string& module, int input, int axis, float epsilon);
  int relu(const std::string& module, int input) { return activation(Op::relu, module, input); }
  int relu6(const std::string& module, int input) { return activation(Op::relu6, module, input); }
  /// Any operator of one input that keeps its shape and has no attributes.
  int activation(Op op, const std::string& module, int input);
  int max_pool(const std::string& module, int input, const Window& window);
  int avg_pool(const std::string& module, int input, const Window& window);
  int global_avg_pool(const std::string& module, int input);
  int pad(const std::string& module, int input, const std::array<int, 4>& padding);
  int subsample_pad_channels(const std::string& module, int input, int out_channels);
  int dropout(const std::string& module, int input);
  int permute(const std::string& module, int input, const std::array<int, 4>& axes);
  int flatten(const std::string& module, int input);

  // Calls of functions inside the forward of `parent` ("" = the network itself).
  int add(const std::string& parent, int branch, int shortcut);
  int relu_by_function(const std::string& parent, int input);
  /// `scale` has `input`'s shape or one value per channel.
  int mul(const std::string& parent, int scale, int input);
  /// `parameter`: state-dict name of the factors.
  int layer_scale(const std::string& parent, const std::string& parameter, int input);
  int concat_channels(const std::string& parent, const std::vector<int>& inputs);
  int slice_channels(const std::string& parent, int input, int first, int last);
  int channel_shuffle(const std::string& parent, int input, int groups);
  /// `function` is the framework's name of it, e.g. "adaptive_avg_pool2d".
  int global_avg_pool_by_function(const std::string& function, int input);
  int flatten(int input);

  FeatureShape shape(int node) const;
  Graph finish() { return std::move(graph_); }

 private:
  int append(Node node);
  Node module_call(Op op, const std::string& module, int input);
  Node function_call(Op op, const std::string& parent, const std::string& function, std::vector<int> inputs);
  Node plain_call(Op op, const std::string& parent, const std::string& function, std::vector<int> inputs);
  int append_conv(Node node, int out_channels, const Window& window);
  int append_pool(Node node, const Window& window);

  Graph graph_;
  std::vector<Shape> shapes_;                ///< one per node
  std::map<std::string, int> module_calls_;  ///< call sites so far
  std::map<std::string, int> function_calls_;
};

}  // namespace qeval
