/// torchvision's MobileNetV3 large and small (torchvision/models/mobilenetv3.py).
#include <vector>

#include "stages/model/arch/channel_rounding.h"
#include "stages/model/arch/conv_norm_activation.h"
#include "stages/model/arch/family.h"
#include "stages/model/arch/squeeze_excitation.h"

namespace qeval {
namespace {

constexpr float epsilon = 1e-3f;

struct Block {
  int kernel, expanded, out_channels;
  bool squeeze;
  Op activation;
  int stride;
};

struct Layout {
  std::vector<Block> blocks;
  int classifier_width;
};

constexpr Op re = Op::relu, hs = Op::hard_swish;

const Layout& large() {
  static const Layout layout{{{3, 16, 16, false, re, 1},
                              {3, 64, 24, false, re, 2},
                              {3, 72, 24, false, re, 1},
                              {5, 72, 40, true, re, 2},
                              {5, 120, 40, true, re, 1},
                              {5, 120, 40, true, re, 1},
                              {3, 240, 80, false, hs, 2},
                              {3, 200, 80, false, hs, 1},
                              {3, 184, 80, false, hs, 1},
                              {3, 184, 80, false, hs, 1},
                              {3, 480, 112, true, hs, 1},
                              {3, 672, 112, true, hs, 1},
                              {5, 672, 160, true, hs, 2},
                              {5, 960, 160, true, hs, 1},
                              {5, 960, 160, true, hs, 1}},
                             1280};
  return layout;
}

const Layout& small() {
  static const Layout layout{{{3, 16, 16, true, re, 2},
                              {3, 72, 24, false, re, 2},
                              {3, 88, 24, false, re, 1},
                              {5, 96, 40, true, hs, 2},
                              {5, 240, 40, true, hs, 1},
                              {5, 240, 40, true, hs, 1},
                              {5, 120, 48, true, hs, 1},
                              {5, 144, 48, true, hs, 1},
                              {5, 288, 96, true, hs, 2},
                              {5, 576, 96, true, hs, 1},
                              {5, 576, 96, true, hs, 1}},
                             1024};
  return layout;
}

int conv(GraphBuilder& builder, const std::string& name, int x, int channels, int kernel, int stride, int groups,
         Op activation) {
  return conv_norm_activation(builder, name, x, channels, kernel, stride, groups, {activation, epsilon});
}

int inverted_residual(GraphBuilder& builder, const std::string& name, int x, const Block& block) {
  const int in_channels = builder.shape(x).channels;
  int part = 0;
  const auto next = [&] { return name + ".block." + std::to_string(part++); };
  int y = x;
  if (block.expanded != in_channels) y = conv(builder, next(), y, block.expanded, 1, 1, 1, block.activation);
  y = conv(builder, next(), y, block.expanded, block.kernel, block.stride, block.expanded, block.activation);
  const int squeezed = block.expanded / 4;
  if (block.squeeze)
    y = squeeze_excitation(builder, next(), y, {rounded_channels(squeezed, 8), Op::relu, Op::hard_sigmoid});
  y = conv(builder, next(), y, block.out_channels, 1, 1, 1, Op::input);
  return block.stride == 1 && in_channels == block.out_channels ? builder.add(name, y, x) : y;
}

Graph build(const ArchSettings& settings, const Layout& layout) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  int x = conv(builder, "features.0", GraphBuilder::network_input, 16, 3, 2, 1, hs);
  int number = 1;
  for (const Block& block : layout.blocks)
    x = inverted_residual(builder, "features." + std::to_string(number++), x, block);
  x = conv(builder, "features." + std::to_string(number), x, 6 * builder.shape(x).channels, 1, 1, 1, hs);
  x = builder.linear("classifier.0", builder.flatten(builder.global_avg_pool("avgpool", x)), layout.classifier_width);
  x = builder.dropout("classifier.2", builder.activation(hs, "classifier.1", x));
  builder.linear("classifier.3", x, classes);
  return builder.finish();
}

ArchEntry entry(const char* name, Graph (*build_variant)(const ArchSettings&)) {
  return {name, {{"num_classes", "1000"}, {"input_size", "224"}}, build_variant};
}

}  // namespace

std::vector<ArchEntry> mobilenet_v3_family() {
  return {entry("mobilenet_v3_large", [](const ArchSettings& settings) { return build(settings, large()); }),
          entry("mobilenet_v3_small", [](const ArchSettings& settings) { return build(settings, small()); })};
}

}  // namespace qeval
