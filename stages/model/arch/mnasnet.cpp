/// torchvision's MNASNet, the B1 variant (torchvision/models/mnasnet.py). One flat sequence "layers".
#include <array>

#include "stages/model/arch/channel_rounding.h"
#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

struct Stack {
  int channels, kernel, stride, expansion, repeats;
};

constexpr std::array<Stack, 6> stacks{
    {{24, 3, 2, 3, 3}, {40, 5, 2, 3, 3}, {80, 5, 2, 6, 3}, {96, 3, 1, 6, 2}, {192, 5, 2, 6, 4}, {320, 3, 1, 6, 1}}};

/// Names the members of a sequence in order.
class Sequence {
 public:
  Sequence(GraphBuilder& builder, std::string name) : builder_(builder), name_(std::move(name)) {}

  int conv_bn(int x, int channels, int kernel, int stride, int groups) {
    x = builder_.conv(next(), x, channels, square_window(kernel, stride, kernel / 2, groups));
    return builder_.batch_norm(next(), x);
  }
  int conv_bn_relu(int x, int channels, int kernel, int stride, int groups) {
    x = conv_bn(x, channels, kernel, stride, groups);
    return builder_.relu(next(), x);
  }
  std::string next() { return name_ + "." + std::to_string(next_++); }

 private:
  GraphBuilder& builder_;
  std::string name_;
  int next_ = 0;
};

int inverted_residual(GraphBuilder& builder, const std::string& name, int x, int channels, const Stack& stack,
                      int stride) {
  const int in_channels = builder.shape(x).channels, expanded = in_channels * stack.expansion;
  Sequence layers(builder, name + ".layers");
  int y = layers.conv_bn_relu(x, expanded, 1, 1, 1);
  y = layers.conv_bn_relu(y, expanded, stack.kernel, stride, expanded);
  y = layers.conv_bn(y, channels, 1, 1, 1);
  return stride == 1 && in_channels == channels ? builder.add(name, y, x) : y;
}

Graph build(const ArchSettings& settings, double width) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  Sequence layers(builder, "layers");
  const int stem = rounded_channels(32 * width, 8);
  int x = layers.conv_bn_relu(GraphBuilder::network_input, stem, 3, 2, 1);
  x = layers.conv_bn_relu(x, stem, 3, 1, stem);
  x = layers.conv_bn(x, rounded_channels(16 * width, 8), 1, 1, 1);
  for (const Stack& stack : stacks) {
    const std::string name = layers.next();
    for (int i = 0; i < stack.repeats; ++i)
      x = inverted_residual(builder, name + "." + std::to_string(i), x, rounded_channels(stack.channels * width, 8),
                            stack, i == 0 ? stack.stride : 1);
  }
  x = layers.conv_bn_relu(x, 1280, 1, 1, 1);
  x = builder.flatten(builder.global_avg_pool_by_function("mean", x));
  builder.linear("classifier.1", builder.dropout("classifier.0", x), classes);
  return builder.finish();
}

ArchEntry entry(const char* name, Graph (*build_variant)(const ArchSettings&)) {
  return {name, {{"num_classes", "1000"}, {"input_size", "224"}}, build_variant};
}

}  // namespace

std::vector<ArchEntry> mnasnet_family() {
  return {entry("mnasnet0_5", [](const ArchSettings& settings) { return build(settings, 0.5); }),
          entry("mnasnet0_75", [](const ArchSettings& settings) { return build(settings, 0.75); }),
          entry("mnasnet1_0", [](const ArchSettings& settings) { return build(settings, 1.0); }),
          entry("mnasnet1_3", [](const ArchSettings& settings) { return build(settings, 1.3); })};
}

}  // namespace qeval
