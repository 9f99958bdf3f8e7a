/// torchvision's ConvNeXt (torchvision/models/convnext.py). Inside a block the channels come last; layer norms between
/// the stages work on axis 1.
#include <array>

#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

constexpr float epsilon = 1e-6f;

struct Layout {
  std::array<int, 4> widths, blocks;
};

constexpr Layout tiny{{96, 192, 384, 768}, {3, 3, 9, 3}};
constexpr Layout small{{96, 192, 384, 768}, {3, 3, 27, 3}};
constexpr Layout base{{128, 256, 512, 1024}, {3, 3, 27, 3}};
constexpr Layout large{{192, 384, 768, 1536}, {3, 3, 27, 3}};

int block(GraphBuilder& builder, const std::string& name, int x) {
  const int channels = builder.shape(x).channels;
  const std::string part = name + ".block.";
  int y = builder.conv_with_bias(part + "0", x, channels, square_window(7, 1, 3, channels));
  y = builder.permute(part + "1", y, {0, 2, 3, 1});
  y = builder.layer_norm(part + "2", y, 3, epsilon);
  y = builder.linear_on_last_axis(part + "3", y, 4 * channels);
  y = builder.activation(Op::gelu, part + "4", y);
  y = builder.linear_on_last_axis(part + "5", y, channels);
  y = builder.permute(part + "6", y, {0, 3, 1, 2});
  return builder.add(name, builder.layer_scale(name, name + ".layer_scale", y), x);
}

Graph build(const ArchSettings& settings, const Layout& layout) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  int x = builder.conv_with_bias("features.0.0", GraphBuilder::network_input, layout.widths[0], square_window(4, 4));
  x = builder.layer_norm_by_function("features.0.1", x, 1, epsilon);
  int number = 1;
  for (std::size_t stage = 0; stage < layout.widths.size(); ++stage) {
    if (stage > 0) {
      const std::string name = "features." + std::to_string(number++);
      x = builder.layer_norm_by_function(name + ".0", x, 1, epsilon);
      x = builder.conv_with_bias(name + ".1", x, layout.widths[stage], square_window(2, 2));
    }
    const std::string name = "features." + std::to_string(number++) + ".";
    for (int i = 0; i < layout.blocks[stage]; ++i) x = block(builder, name + std::to_string(i), x);
  }
  x = builder.layer_norm_by_function("classifier.0", builder.global_avg_pool("avgpool", x), 1, epsilon);
  builder.linear("classifier.2", builder.flatten("classifier.1", x), classes);
  return builder.finish();
}

ArchEntry entry(const char* name, Graph (*build_variant)(const ArchSettings&)) {
  return {name, {{"num_classes", "1000"}, {"input_size", "224"}}, build_variant};
}

}  // namespace

std::vector<ArchEntry> convnext_family() {
  return {entry("convnext_tiny", [](const ArchSettings& settings) { return build(settings, tiny); }),
          entry("convnext_small", [](const ArchSettings& settings) { return build(settings, small); }),
          entry("convnext_base", [](const ArchSettings& settings) { return build(settings, base); }),
          entry("convnext_large", [](const ArchSettings& settings) { return build(settings, large); })};
}

}  // namespace qeval
