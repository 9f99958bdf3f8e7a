/// MobileNetV2 with torchvision's module names (torchvision/models/mobilenetv2.py, width 1.0).
/// mobilenet_v2 pads symmetrically as torchvision does; mobilenet_v2_tf pads as TensorFlow's SAME does, which for
/// stride 2 and even sizes is right and bottom only. Same parameters, different networks.
#include <array>

#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

struct Stage {
  int expansion, channels, repeats, stride;
};

constexpr std::array<Stage, 7> stages{
    {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}}};

struct MobileNet {
  GraphBuilder& builder;
  bool tensorflow_padding;

  Window window(int input, int kernel, int stride, int groups) const {
    Window result = square_window(kernel, stride, (kernel - 1) / 2, groups);
    if (tensorflow_padding) {
      const FeatureShape in = builder.shape(input);
      const auto rows = same_padding(in.height, kernel, stride);
      const auto columns = same_padding(in.width, kernel, stride);
      result.padding = {rows[0], rows[1], columns[0], columns[1]};
    }
    return result;
  }

  /// torchvision's Conv2dNormActivation: a sequence of convolution "0", batch norm "1", ReLU6 "2".
  int conv_bn_relu6(const std::string& name, int x, int channels, int kernel, int stride, int groups) const {
    x = builder.conv(name + ".0", x, channels, window(x, kernel, stride, groups));
    return builder.relu6(name + ".2", builder.batch_norm(name + ".1", x));
  }

  int block(const std::string& name, int x, int expansion, int channels, int stride) const {
    const int in_channels = builder.shape(x).channels;
    const int hidden = in_channels * expansion;
    int y = x;
    int part = 0;
    const auto next = [&] { return name + ".conv." + std::to_string(part++); };
    if (expansion != 1) y = conv_bn_relu6(next(), y, hidden, 1, 1, 1);
    y = conv_bn_relu6(next(), y, hidden, 3, stride, hidden);
    y = builder.conv(next(), y, channels, square_window(1));
    y = builder.batch_norm(next(), y);
    return stride == 1 && in_channels == channels ? builder.add(name, y, x) : y;
  }
};

Graph build(const ArchSettings& settings, bool tensorflow_padding) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  const MobileNet net{builder, tensorflow_padding};
  int x = net.conv_bn_relu6("features.0", GraphBuilder::network_input, 32, 3, 2, 1);
  int number = 1;
  for (const Stage& stage : stages)
    for (int repeat = 0; repeat < stage.repeats; ++repeat)
      x = net.block("features." + std::to_string(number++), x, stage.expansion, stage.channels,
                    repeat == 0 ? stage.stride : 1);
  x = net.conv_bn_relu6("features." + std::to_string(number), x, 1280, 1, 1, 1);
  x = builder.flatten(builder.global_avg_pool_by_function("adaptive_avg_pool2d", x));
  builder.linear("classifier.1", builder.dropout("classifier.0", x), classes);
  return builder.finish();
}

ArchEntry entry(const char* name, Graph (*build_variant)(const ArchSettings&)) {
  return {name, {{"num_classes", "1000"}, {"input_size", "224"}}, build_variant};
}

}  // namespace

std::vector<ArchEntry> mobilenet_v2_family() {
  return {entry("mobilenet_v2", [](const ArchSettings& settings) { return build(settings, false); }),
          entry("mobilenet_v2_tf", [](const ArchSettings& settings) { return build(settings, true); })};
}

}  // namespace qeval
