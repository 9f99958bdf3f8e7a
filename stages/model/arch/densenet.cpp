/// torchvision's DenseNet (torchvision/models/densenet.py). Batch norms come before their convolutions, behind a
/// concat: most cannot be folded.
#include <array>

#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

constexpr int bottleneck = 4;  // a layer's 1×1 convolution has this many times the growth

struct Layout {
  int growth, initial;
  std::array<int, 4> layers;
};

int norm_relu_conv(GraphBuilder& builder, const std::string& name, const std::string& number, int x, int channels,
                   const Window& window) {
  x = builder.relu(name + ".relu" + number, builder.batch_norm(name + ".norm" + number, x));
  return builder.conv(name + ".conv" + number, x, channels, window);
}

int dense_block(GraphBuilder& builder, const std::string& name, int x, int layers, int growth) {
  std::vector<int> features{x};
  for (int i = 1; i <= layers; ++i) {
    const std::string layer = name + ".denselayer" + std::to_string(i);
    int y = builder.concat_channels(layer, features);
    y = norm_relu_conv(builder, layer, "1", y, bottleneck * growth, square_window(1));
    features.push_back(norm_relu_conv(builder, layer, "2", y, growth, square_window(3, 1, 1)));
  }
  return builder.concat_channels(name, features);
}

Graph build(const ArchSettings& settings, const Layout& layout) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  int x = builder.conv("features.conv0", GraphBuilder::network_input, layout.initial, square_window(7, 2, 3));
  x = builder.relu("features.relu0", builder.batch_norm("features.norm0", x));
  x = builder.max_pool("features.pool0", x, square_window(3, 2, 1));
  for (std::size_t i = 0; i < layout.layers.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    x = dense_block(builder, "features.denseblock" + number, x, layout.layers[i], layout.growth);
    if (i + 1 == layout.layers.size()) break;
    const std::string transition = "features.transition" + number;
    x = norm_relu_conv(builder, transition, "", x, builder.shape(x).channels / 2, square_window(1));
    x = builder.avg_pool(transition + ".pool", x, square_window(2, 2));
  }
  x = builder.relu_by_function("", builder.batch_norm("features.norm5", x));
  x = builder.flatten(builder.global_avg_pool_by_function("adaptive_avg_pool2d", x));
  builder.linear("classifier", x, classes);
  return builder.finish();
}

ArchEntry entry(const char* name, Graph (*build_variant)(const ArchSettings&)) {
  return {name, {{"num_classes", "1000"}, {"input_size", "224"}}, build_variant};
}

}  // namespace

std::vector<ArchEntry> densenet_family() {
  return {
      entry("densenet121", [](const ArchSettings& s) { return build(s, {32, 64, {6, 12, 24, 16}}); }),
      entry("densenet161", [](const ArchSettings& s) { return build(s, {48, 96, {6, 12, 36, 24}}); }),
      entry("densenet169", [](const ArchSettings& s) { return build(s, {32, 64, {6, 12, 32, 32}}); }),
      entry("densenet201", [](const ArchSettings& s) { return build(s, {32, 64, {6, 12, 48, 32}}); }),
  };
}

}  // namespace qeval
