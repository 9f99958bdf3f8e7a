/// torchvision's RegNet X and Y (torchvision/models/regnet.py): block widths follow a line that is quantized in log
/// space.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "stages/model/arch/channel_rounding.h"
#include "stages/model/arch/conv_norm_activation.h"
#include "stages/model/arch/family.h"
#include "stages/model/arch/squeeze_excitation.h"

namespace qeval {
namespace {

struct Design {
  const char* name;
  int depth, initial_width;
  double slope, step;  ///< w_a, w_m
  int group_width;
  bool squeeze;  ///< RegNetY
};

constexpr std::array<Design, 15> designs{{{"regnet_x_400mf", 22, 24, 24.48, 2.54, 16, false},
                                          {"regnet_x_800mf", 16, 56, 35.73, 2.28, 16, false},
                                          {"regnet_x_1_6gf", 18, 80, 34.01, 2.25, 24, false},
                                          {"regnet_x_3_2gf", 25, 88, 26.31, 2.25, 48, false},
                                          {"regnet_x_8gf", 23, 80, 49.56, 2.88, 120, false},
                                          {"regnet_x_16gf", 22, 216, 55.59, 2.1, 128, false},
                                          {"regnet_x_32gf", 23, 320, 69.86, 2.0, 168, false},
                                          {"regnet_y_400mf", 16, 48, 27.89, 2.09, 8, true},
                                          {"regnet_y_800mf", 14, 56, 38.84, 2.4, 16, true},
                                          {"regnet_y_1_6gf", 27, 48, 20.71, 2.65, 24, true},
                                          {"regnet_y_3_2gf", 21, 80, 42.63, 2.66, 24, true},
                                          {"regnet_y_8gf", 17, 192, 76.82, 2.19, 56, true},
                                          {"regnet_y_16gf", 18, 200, 106.23, 2.48, 112, true},
                                          {"regnet_y_32gf", 20, 232, 115.89, 2.53, 232, true},
                                          {"regnet_y_128gf", 27, 456, 160.83, 2.52, 264, true}}};

struct Stage {
  int width, blocks, group_width;
};

/// Width of block `index` before it is fitted to the groups: w_0 · w_m^k with a whole k, to a multiple of 8.
int block_width(const Design& design, int index) {
  const double relative = (index * design.slope + design.initial_width) / design.initial_width;
  const double capacity = std::nearbyint(std::log(relative) / std::log(design.step));
  return static_cast<int>(std::nearbyint(design.initial_width * std::pow(design.step, capacity) / 8)) * 8;
}

std::vector<Stage> stages_of(const Design& design) {
  std::vector<Stage> stages;
  int width_before = 0;
  for (int i = 0; i < design.depth; ++i) {
    const int width = block_width(design, i);
    if (width != width_before) stages.push_back({width, 0, std::min(design.group_width, width)});
    ++stages.back().blocks;
    width_before = width;
  }
  for (Stage& stage : stages) stage.width = rounded_channels(stage.width, stage.group_width);
  return stages;
}

int conv(GraphBuilder& builder, const std::string& name, int x, int channels, int kernel, int stride, int groups,
         Op activation) {
  return conv_norm_activation(builder, name, x, channels, kernel, stride, groups, {activation});
}

int block(GraphBuilder& builder, const std::string& name, int x, const Stage& stage, int stride, bool squeeze) {
  const int in_channels = builder.shape(x).channels;
  const bool projected = in_channels != stage.width || stride != 1;
  const int shortcut = projected ? conv(builder, name + ".proj", x, stage.width, 1, stride, 1, Op::input) : x;
  int y = conv(builder, name + ".f.a", x, stage.width, 1, 1, 1, Op::relu);
  y = conv(builder, name + ".f.b", y, stage.width, 3, stride, stage.width / stage.group_width, Op::relu);
  if (squeeze)
    y = squeeze_excitation(builder, name + ".f.se", y, {static_cast<int>(std::nearbyint(0.25 * in_channels))});
  y = conv(builder, name + ".f.c", y, stage.width, 1, 1, 1, Op::input);
  return builder.relu(name + ".activation", builder.add(name, y, shortcut));
}

Graph build(const ArchSettings& settings, const Design& design) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  int x = conv(builder, "stem", GraphBuilder::network_input, 32, 3, 2, 1, Op::relu);
  int number = 1;
  for (const Stage& stage : stages_of(design)) {
    const std::string label = "block" + std::to_string(number++);
    for (int i = 0; i < stage.blocks; ++i)
      x = block(builder, "trunk_output." + label + "." + label + "-" + std::to_string(i), x, stage, i == 0 ? 2 : 1,
                design.squeeze);
  }
  builder.linear("fc", builder.flatten(builder.global_avg_pool("avgpool", x)), classes);
  return builder.finish();
}

template <std::size_t... index>
std::vector<ArchEntry> entries(std::index_sequence<index...>) {
  return {ArchEntry{designs[index].name,
                    {{"num_classes", "1000"}, {"input_size", "224"}},
                    [](const ArchSettings& settings) { return build(settings, designs[index]); }}...};
}

}  // namespace

std::vector<ArchEntry> regnet_family() { return entries(std::make_index_sequence<designs.size()>()); }

}  // namespace qeval
