/// EfficientNet-Lite0 … 4 (tensorflow/tpu models/official/efficientnet/lite: no squeeze-and-excitation, ReLU6, stem and
/// head of fixed width, first and last stage of fixed depth), with the module names of the PyTorch port that publishes
/// weights: every convolution is preceded by a padding module "static_padding" (TensorFlow SAME) and calls F.conv2d.
#include <array>
#include <cmath>

#include "stages/model/arch/channel_rounding.h"
#include "stages/model/arch/efficientnet_stages.h"
#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

constexpr float epsilon = 1e-3f;

struct Scaling {
  double width, depth;
  int resolution;
};

constexpr std::array<Scaling, 5> scalings{
    {{1.0, 1.0, 224}, {1.0, 1.1, 240}, {1.1, 1.2, 260}, {1.2, 1.4, 280}, {1.4, 1.8, 300}}};

struct LiteNet {
  GraphBuilder& builder;

  /// Padding module (left out where it has nothing to pad), convolution, batch norm.
  int conv_bn(const std::string& conv, const std::string& bn, int x, int channels, const Window& window) const {
    const FeatureShape in = builder.shape(x);
    const auto rows = same_padding(in.height, window.kernel[0], window.stride[0]);
    const auto columns = same_padding(in.width, window.kernel[1], window.stride[1]);
    if (rows[1] > 0 || columns[1] > 0)
      x = builder.pad(conv + ".static_padding", x, {rows[0], rows[1], columns[0], columns[1]});
    return builder.batch_norm(bn, builder.conv_by_function(conv, x, channels, window), epsilon);
  }

  int block(const std::string& name, int x, const EfficientNetStage& shape) const {
    const int expanded = shape.in_channels * shape.expansion;
    int y = x;
    if (shape.expansion != 1) {
      y = conv_bn(name + "._expand_conv", name + "._bn0", y, expanded, square_window(1));
      y = builder.relu6(name + "._swish", y);
    }
    const Window depthwise = square_window(shape.kernel, shape.stride, 0, expanded);
    y = conv_bn(name + "._depthwise_conv", name + "._bn1", y, expanded, depthwise);
    y = builder.relu6(name + "._swish", y);
    y = conv_bn(name + "._project_conv", name + "._bn2", y, shape.out_channels, square_window(1));
    const bool residual = shape.stride == 1 && shape.in_channels == shape.out_channels;
    return residual ? builder.add(name, y, x) : y;
  }
};

EfficientNetStage scaled_stage(std::size_t index, const Scaling& scaling) {
  EfficientNetStage stage = efficient_net_stages[index];
  const bool fixed_depth = index == 0 || index + 1 == efficient_net_stages.size();
  if (!fixed_depth) stage.repeats = static_cast<int>(std::ceil(scaling.depth * stage.repeats));
  // The stem keeps its width, so the first stage starts from it.
  if (index != 0) stage.in_channels = rounded_channels(stage.in_channels * scaling.width, 8);
  stage.out_channels = rounded_channels(stage.out_channels * scaling.width, 8);
  return stage;
}

Graph build(const ArchSettings& settings, const Scaling& scaling) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  const LiteNet net{builder};
  int x =
      builder.relu6("_swish", net.conv_bn("_conv_stem", "_bn0", GraphBuilder::network_input, 32, square_window(3, 2)));
  int number = 0;
  for (std::size_t i = 0; i < efficient_net_stages.size(); ++i) {
    EfficientNetStage stage = scaled_stage(i, scaling);
    for (int repeat = 0; repeat < stage.repeats; ++repeat) {
      x = net.block("_blocks." + std::to_string(number++), x, stage);
      stage.in_channels = stage.out_channels;
      stage.stride = 1;
    }
  }
  x = builder.relu6("_swish", net.conv_bn("_conv_head", "_bn1", x, 1280, square_window(1)));
  x = builder.dropout("_dropout", builder.flatten(builder.global_avg_pool("_avg_pooling", x)));
  builder.linear("_fc", x, classes);
  return builder.finish();
}

template <std::size_t index>
ArchEntry entry() {
  return {"efficientnet_lite" + std::to_string(index),
          {{"num_classes", "1000"}, {"input_size", std::to_string(scalings[index].resolution)}},
          [](const ArchSettings& settings) { return build(settings, scalings[index]); }};
}

}  // namespace

std::vector<ArchEntry> efficientnet_lite_family() {
  return {entry<0>(), entry<1>(), entry<2>(), entry<3>(), entry<4>()};
}

}  // namespace qeval
