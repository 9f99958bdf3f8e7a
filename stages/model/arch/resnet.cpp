/// torchvision's ResNet, ResNeXt and Wide-ResNet: one parametric network (torchvision/models/resnet.py, v1.5: the
/// stride of a bottleneck is in its 3×3 convolution). One ReLU module per block is called two or three times.
#include "pipeline/base/errors.h"
#include "stages/model/arch/arch.h"
#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

struct Stage {
  std::string name;
  int blocks, planes, stride;
};

struct ResNet {
  GraphBuilder& builder;
  bool bottleneck;
  int groups, width_per_group;

  int conv_bn(const std::string& conv, const std::string& bn, int x, int channels, const Window& window) const {
    return builder.batch_norm(bn, builder.conv(conv, x, channels, window));
  }

  int shortcut(const std::string& block, int x, int channels, int stride) const {
    if (stride == 1 && builder.shape(x).channels == channels) return x;
    return conv_bn(block + ".downsample.0", block + ".downsample.1", x, channels, square_window(1, stride));
  }

  int basic_block(const std::string& block, int x, int planes, int stride) const {
    int y = conv_bn(block + ".conv1", block + ".bn1", x, planes, square_window(3, stride, 1));
    y = builder.relu(block + ".relu", y);
    y = conv_bn(block + ".conv2", block + ".bn2", y, planes, square_window(3, 1, 1));
    return builder.relu(block + ".relu", builder.add(block, y, shortcut(block, x, planes, stride)));
  }

  int bottleneck_block(const std::string& block, int x, int planes, int stride) const {
    const int width = planes * width_per_group / 64 * groups;
    int y = conv_bn(block + ".conv1", block + ".bn1", x, width, square_window(1));
    y = builder.relu(block + ".relu", y);
    y = conv_bn(block + ".conv2", block + ".bn2", y, width, square_window(3, stride, 1, groups));
    y = builder.relu(block + ".relu", y);
    y = conv_bn(block + ".conv3", block + ".bn3", y, planes * 4, square_window(1));
    return builder.relu(block + ".relu", builder.add(block, y, shortcut(block, x, planes * 4, stride)));
  }

  int stage(const Stage& stage, int x) const {
    for (int i = 0; i < stage.blocks; ++i) {
      const std::string block = stage.name + "." + std::to_string(i);
      const int stride = i == 0 ? stage.stride : 1;
      x = bottleneck ? bottleneck_block(block, x, stage.planes, stride) : basic_block(block, x, stage.planes, stride);
    }
    return x;
  }
};

void check_widths(const ArchSettings& settings, const ResNet& net) {
  if (!net.bottleneck && (net.groups != 1 || net.width_per_group != 64))
    throw ArchParameterError(
        "block", "bottleneck",
        "architecture '" + settings.arch() + "': block 'basic' takes only groups 1 and width_per_group 64");
}

Graph build_resnet(const ArchSettings& settings) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  const std::vector<int> blocks = settings.positive_list("layers", 4);
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  const ResNet net{builder, settings.choice("block", {"basic", "bottleneck"}) == "bottleneck",
                   settings.positive("groups", 1024), settings.positive("width_per_group", 1024)};
  check_widths(settings, net);

  int x = net.conv_bn("conv1", "bn1", GraphBuilder::network_input, 64, square_window(7, 2, 3));
  x = builder.max_pool("maxpool", builder.relu("relu", x), square_window(3, 2, 1));
  x = net.stage({"layer1", blocks[0], 64, 1}, x);
  x = net.stage({"layer2", blocks[1], 128, 2}, x);
  x = net.stage({"layer3", blocks[2], 256, 2}, x);
  x = net.stage({"layer4", blocks[3], 512, 2}, x);
  builder.linear("fc", builder.flatten(builder.global_avg_pool("avgpool", x)), classes);
  return builder.finish();
}

ArchEntry entry(const char* name, const char* block, const char* layers, const char* groups, const char* width) {
  return {name,
          {{"block", block},
           {"layers", layers},
           {"groups", groups},
           {"width_per_group", width},
           {"num_classes", "1000"},
           {"input_size", "224"}},
          build_resnet};
}

}  // namespace

std::vector<ArchEntry> resnet_family() {
  return {
      entry("resnet", "bottleneck", "", "1", "64"),
      entry("resnet18", "basic", "2,2,2,2", "1", "64"),
      entry("resnet34", "basic", "3,4,6,3", "1", "64"),
      entry("resnet50", "bottleneck", "3,4,6,3", "1", "64"),
      entry("resnet101", "bottleneck", "3,4,23,3", "1", "64"),
      entry("resnet152", "bottleneck", "3,8,36,3", "1", "64"),
      entry("resnext50_32x4d", "bottleneck", "3,4,6,3", "32", "4"),
      entry("resnext101_32x8d", "bottleneck", "3,4,23,3", "32", "8"),
      entry("resnext101_64x4d", "bottleneck", "3,4,23,3", "64", "4"),
      entry("wide_resnet50_2", "bottleneck", "3,4,6,3", "1", "128"),
      entry("wide_resnet101_2", "bottleneck", "3,4,23,3", "1", "128"),
  };
}

}  // namespace qeval
