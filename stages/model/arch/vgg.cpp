/// torchvision's VGG, with and without batch norm (torchvision/models/vgg.py).
#include <string_view>

#include "pipeline/base/errors.h"
#include "stages/model/arch/arch.h"
#include "stages/model/arch/family.h"
#include "stages/model/graph_builder.h"

namespace qeval {
namespace {

/// Five groups of convolutions of these widths, each followed by a pool.
constexpr int group_widths[] = {64, 128, 256, 512, 512};

/// The module "avgpool" makes 7×7 of anything; this IR says it as a pool with a window, which needs whole windows.
int pool_to_7x7(GraphBuilder& builder, int x) {
  const FeatureShape in = builder.shape(x);
  if (in.height % 7 != 0 || in.width % 7 != 0)
    throw ArchParameterError("input_size", "224",
                             "VGG: input_size must leave a multiple of 7 after five halvings (224 … 255, 448 … 479, "
                             "…), it leaves " +
                                 std::to_string(in.height));
  return builder.avg_pool("avgpool", x, square_window(in.height / 7, in.height / 7));
}

Graph build(const ArchSettings& settings, std::string_view depths, bool batch_norm) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  if (size < 224)
    throw ArchParameterError("input_size", "224",
                             "architecture '" + settings.arch() + "': input_size must be at least 224");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  int number = 0;
  const auto next = [&] { return "features." + std::to_string(number++); };
  int x = GraphBuilder::network_input;
  for (std::size_t group = 0; group < depths.size(); ++group) {
    for (int i = 0; i < depths[group] - '0'; ++i) {
      x = builder.conv_with_bias(next(), x, group_widths[group], square_window(3, 1, 1));
      if (batch_norm) x = builder.batch_norm(next(), x);
      x = builder.relu(next(), x);
    }
    x = builder.max_pool(next(), x, square_window(2, 2));
  }
  x = builder.flatten(pool_to_7x7(builder, x));
  x = builder.dropout("classifier.2", builder.relu("classifier.1", builder.linear("classifier.0", x, 4096)));
  x = builder.dropout("classifier.5", builder.relu("classifier.4", builder.linear("classifier.3", x, 4096)));
  builder.linear("classifier.6", x, classes);
  return builder.finish();
}

ArchEntry entry(const char* name, Graph (*build_variant)(const ArchSettings&)) {
  return {name, {{"num_classes", "1000"}, {"input_size", "224"}}, build_variant};
}

}  // namespace

std::vector<ArchEntry> vgg_family() {
  return {
      entry("vgg11", [](const ArchSettings& s) { return build(s, "11222", false); }),
      entry("vgg11_bn", [](const ArchSettings& s) { return build(s, "11222", true); }),
      entry("vgg13", [](const ArchSettings& s) { return build(s, "22222", false); }),
      entry("vgg13_bn", [](const ArchSettings& s) { return build(s, "22222", true); }),
      entry("vgg16", [](const ArchSettings& s) { return build(s, "22333", false); }),
      entry("vgg16_bn", [](const ArchSettings& s) { return build(s, "22333", true); }),
      entry("vgg19", [](const ArchSettings& s) { return build(s, "22444", false); }),
      entry("vgg19_bn", [](const ArchSettings& s) { return build(s, "22444", true); }),
  };
}

}  // namespace qeval
