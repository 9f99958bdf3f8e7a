/// torchvision's SqueezeNet 1.0 and 1.1 (torchvision/models/squeezenet.py): no batch norm, pools that round up.
#include <vector>

#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

/// A fire module, or a pool where `squeeze` is 0.
struct Part {
  int squeeze = 0, expand = 0;
};

struct Layout {
  int stem_channels, stem_kernel;
  std::vector<Part> parts;
};

int pool(GraphBuilder& builder, const std::string& name, int x) {
  Window window = square_window(3, 2);
  window.ceil_mode = true;
  return builder.max_pool(name, x, window);
}

int conv_relu(GraphBuilder& builder, const std::string& name, int x, int channels, const Window& window) {
  return builder.relu(name + "_activation", builder.conv_with_bias(name, x, channels, window));
}

int fire(GraphBuilder& builder, const std::string& name, int x, const Part& part) {
  x = conv_relu(builder, name + ".squeeze", x, part.squeeze, square_window(1));
  const int small = conv_relu(builder, name + ".expand1x1", x, part.expand, square_window(1));
  const int large = conv_relu(builder, name + ".expand3x3", x, part.expand, square_window(3, 1, 1));
  return builder.concat_channels(name, {small, large});
}

Graph build(const ArchSettings& settings, const Layout& layout) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  int x = builder.conv_with_bias("features.0", GraphBuilder::network_input, layout.stem_channels,
                                 square_window(layout.stem_kernel, 2));
  x = builder.relu("features.1", x);
  int number = 2;
  for (const Part& part : layout.parts) {
    const std::string name = "features." + std::to_string(number++);
    x = part.squeeze == 0 ? pool(builder, name, x) : fire(builder, name, x, part);
  }
  x = builder.dropout("classifier.0", x);
  x = builder.relu("classifier.2", builder.conv_with_bias("classifier.1", x, classes, square_window(1)));
  builder.flatten(builder.global_avg_pool("classifier.3", x));
  return builder.finish();
}

ArchEntry entry(const char* name, Graph (*build_variant)(const ArchSettings&)) {
  return {name, {{"num_classes", "1000"}, {"input_size", "224"}}, build_variant};
}

constexpr Part pooling{};

Graph build_1_0(const ArchSettings& settings) {
  return build(settings, {96,
                          7,
                          {pooling,
                           {16, 64},
                           {16, 64},
                           {32, 128},
                           pooling,
                           {32, 128},
                           {48, 192},
                           {48, 192},
                           {64, 256},
                           pooling,
                           {64, 256}}});
}

Graph build_1_1(const ArchSettings& settings) {
  return build(settings, {64,
                          3,
                          {pooling,
                           {16, 64},
                           {16, 64},
                           pooling,
                           {32, 128},
                           {32, 128},
                           pooling,
                           {48, 192},
                           {48, 192},
                           {64, 256},
                           {64, 256}}});
}

}  // namespace

std::vector<ArchEntry> squeezenet_family() {
  return {entry("squeezenet1_0", build_1_0), entry("squeezenet1_1", build_1_1)};
}

}  // namespace qeval
