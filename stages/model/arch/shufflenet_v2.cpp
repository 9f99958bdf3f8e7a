/// torchvision's ShuffleNetV2 (torchvision/models/shufflenetv2.py).
#include <array>

#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

constexpr std::array<int, 3> repeats{4, 8, 4};

struct ShuffleNet {
  GraphBuilder& builder;

  int conv_bn(const std::string& name, int first, int x, int channels, const Window& window) const {
    x = builder.conv(name + "." + std::to_string(first), x, channels, window);
    return builder.batch_norm(name + "." + std::to_string(first + 1), x);
  }

  int conv_bn_relu(const std::string& name, int first, int x, int channels, const Window& window) const {
    return builder.relu(name + "." + std::to_string(first + 2), conv_bn(name, first, x, channels, window));
  }

  int main_branch(const std::string& name, int x, int channels, int stride) const {
    x = conv_bn_relu(name, 0, x, channels, square_window(1));
    x = conv_bn(name, 3, x, channels, square_window(3, stride, 1, channels));
    return conv_bn_relu(name, 5, x, channels, square_window(1));
  }

  /// Halves the area; both branches see all channels.
  int reducing_unit(const std::string& name, int x, int channels) const {
    const int in_channels = builder.shape(x).channels;
    int side = conv_bn(name + ".branch1", 0, x, in_channels, square_window(3, 2, 1, in_channels));
    side = conv_bn_relu(name + ".branch1", 2, side, channels / 2, square_window(1));
    return join(name, side, main_branch(name + ".branch2", x, channels / 2, 2));
  }

  /// Half of the channels pass by.
  int unit(const std::string& name, int x) const {
    const int channels = builder.shape(x).channels;
    const int passing = builder.slice_channels(name, x, 0, channels / 2);
    const int changed = builder.slice_channels(name, x, channels / 2, channels);
    return join(name, passing, main_branch(name + ".branch2", changed, channels / 2, 1));
  }

  int join(const std::string& name, int a, int b) const {
    return builder.channel_shuffle(name, builder.concat_channels(name, {a, b}), 2);
  }
};

Graph build(const ArchSettings& settings, const std::array<int, 3>& widths, int last) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  const ShuffleNet net{builder};
  int x = net.conv_bn_relu("conv1", 0, GraphBuilder::network_input, 24, square_window(3, 2, 1));
  x = builder.max_pool("maxpool", x, square_window(3, 2, 1));
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    const std::string stage = "stage" + std::to_string(i + 2) + ".";
    x = net.reducing_unit(stage + "0", x, widths[i]);
    for (int unit = 1; unit < repeats[i]; ++unit) x = net.unit(stage + std::to_string(unit), x);
  }
  x = net.conv_bn_relu("conv5", 0, x, last, square_window(1));
  builder.linear("fc", builder.flatten(builder.global_avg_pool_by_function("mean", x)), classes);
  return builder.finish();
}

ArchEntry entry(const char* name, Graph (*build_variant)(const ArchSettings&)) {
  return {name, {{"num_classes", "1000"}, {"input_size", "224"}}, build_variant};
}

}  // namespace

std::vector<ArchEntry> shufflenet_v2_family() {
  return {
      entry("shufflenet_v2_x0_5", [](const ArchSettings& s) { return build(s, {48, 96, 192}, 1024); }),
      entry("shufflenet_v2_x1_0", [](const ArchSettings& s) { return build(s, {116, 232, 464}, 1024); }),
      entry("shufflenet_v2_x1_5", [](const ArchSettings& s) { return build(s, {176, 352, 704}, 1024); }),
      entry("shufflenet_v2_x2_0", [](const ArchSettings& s) { return build(s, {244, 488, 976}, 2048); }),
  };
}

}  // namespace qeval
