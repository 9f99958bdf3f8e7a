/// ResNet-20 … 110 for 32×32 images (He et al. 2015, section 4.2), in the two forms that weights are published in:
///  * resnetN: no parameters in the shortcut (option A: subsample, zero-pad channels); ReLU and pooling are function
///    calls, the classifier is called "linear".
///  * resnetN_downsample: a 1×1 convolution and a batch norm in the shortcut, module names as in torchvision.
#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

constexpr int stages = 3;

struct Cifar {
  GraphBuilder& builder;
  bool downsample;  ///< the second form

  int relu(const std::string& parent, int x) const {
    if (!downsample) return builder.relu_by_function(parent, x);
    return builder.relu(parent.empty() ? "relu" : parent + ".relu", x);
  }

  int conv_bn(const std::string& conv, const std::string& bn, int x, int channels, const Window& window) const {
    return builder.batch_norm(bn, builder.conv(conv, x, channels, window));
  }

  int shortcut(const std::string& block, int x, int channels, int stride) const {
    if (stride == 1 && builder.shape(x).channels == channels) return x;
    if (!downsample) return builder.subsample_pad_channels(block + ".shortcut", x, channels);
    return conv_bn(block + ".downsample.0", block + ".downsample.1", x, channels, square_window(1, stride));
  }

  int block(const std::string& name, int x, int channels, int stride) const {
    int y = conv_bn(name + ".conv1", name + ".bn1", x, channels, square_window(3, stride, 1));
    y = conv_bn(name + ".conv2", name + ".bn2", relu(name, y), channels, square_window(3, 1, 1));
    return relu(name, builder.add(name, y, shortcut(name, x, channels, stride)));
  }
};

Graph build(const ArchSettings& settings, int depth, bool downsample) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  const Cifar net{builder, downsample};
  int x = net.relu("", net.conv_bn("conv1", "bn1", GraphBuilder::network_input, 16, square_window(3, 1, 1)));
  for (int stage = 0; stage < stages; ++stage)
    for (int i = 0; i < (depth - 2) / 6; ++i) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(i);
      x = net.block(name, x, 16 << stage, stage > 0 && i == 0 ? 2 : 1);
    }
  x = downsample ? builder.global_avg_pool("avgpool", x) : builder.global_avg_pool_by_function("avg_pool2d", x);
  builder.linear(downsample ? "fc" : "linear", builder.flatten(x), classes);
  return builder.finish();
}

template <int depth, bool downsample>
ArchEntry entry() {
  return {"resnet" + std::to_string(depth) + (downsample ? "_downsample" : ""),
          {{"num_classes", "10"}, {"input_size", "32"}},
          [](const ArchSettings& settings) { return build(settings, depth, downsample); }};
}

}  // namespace

std::vector<ArchEntry> cifar_resnet_family() {
  return {entry<20, false>(), entry<32, false>(), entry<44, false>(), entry<56, false>(), entry<110, false>(),
          entry<20, true>(),  entry<32, true>(),  entry<44, true>(),  entry<56, true>(),  entry<110, true>()};
}

}  // namespace qeval
