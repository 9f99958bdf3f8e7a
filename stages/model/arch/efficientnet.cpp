/// torchvision's EfficientNet-B0 … B7 (torchvision/models/efficientnet.py): inverted residuals with
/// squeeze-and-excitation and SiLU. Sizes are those the published weights were evaluated at.
#include <algorithm>
#include <array>
#include <cmath>

#include "stages/model/arch/channel_rounding.h"
#include "stages/model/arch/conv_norm_activation.h"
#include "stages/model/arch/efficientnet_stages.h"
#include "stages/model/arch/family.h"
#include "stages/model/arch/squeeze_excitation.h"

namespace qeval {
namespace {

struct Scaling {
  double width, depth;
  int resolution;
  float epsilon;
};

constexpr std::array<Scaling, 8> scalings{{{1.0, 1.0, 224, 1e-5f},
                                           {1.0, 1.1, 240, 1e-5f},
                                           {1.1, 1.2, 288, 1e-5f},
                                           {1.2, 1.4, 300, 1e-5f},
                                           {1.4, 1.8, 380, 1e-5f},
                                           {1.6, 2.2, 456, 1e-3f},
                                           {1.8, 2.6, 528, 1e-3f},
                                           {2.0, 3.1, 600, 1e-3f}}};

struct EfficientNet {
  GraphBuilder& builder;
  float epsilon;

  int conv(const std::string& name, int x, int channels, int kernel, int stride, int groups, Op activation) const {
    return conv_norm_activation(builder, name, x, channels, kernel, stride, groups, {activation, epsilon});
  }

  int block(const std::string& name, int x, const EfficientNetStage& stage) const {
    const int in_channels = builder.shape(x).channels;
    const int expanded = rounded_channels(static_cast<double>(in_channels) * stage.expansion, 8);
    int part = 0;
    const auto next = [&] { return name + ".block." + std::to_string(part++); };
    int y = x;
    if (expanded != in_channels) y = conv(next(), y, expanded, 1, 1, 1, Op::silu);
    y = conv(next(), y, expanded, stage.kernel, stage.stride, expanded, Op::silu);
    y = squeeze_excitation(builder, next(), y, {std::max(1, in_channels / 4), Op::silu, Op::sigmoid});
    y = conv(next(), y, stage.out_channels, 1, 1, 1, Op::input);
    return stage.stride == 1 && in_channels == stage.out_channels ? builder.add(name, y, x) : y;
  }
};

Graph build(const ArchSettings& settings, const Scaling& scaling) {
  const int size = settings.positive("input_size", 4096);
  const int classes = settings.positive("num_classes");
  GraphBuilder builder(settings.arch(), {3, size, size}, classes);
  const EfficientNet net{builder, scaling.epsilon};
  const auto scaled = [&](int channels) { return rounded_channels(channels * scaling.width, 8); };
  int x = net.conv("features.0", GraphBuilder::network_input, scaled(efficient_net_stages[0].in_channels), 3, 2, 1,
                   Op::silu);
  int number = 1;
  for (EfficientNetStage stage : efficient_net_stages) {
    stage.out_channels = scaled(stage.out_channels);
    const int repeats = static_cast<int>(std::ceil(stage.repeats * scaling.depth));
    const std::string name = "features." + std::to_string(number++) + ".";
    for (int repeat = 0; repeat < repeats; ++repeat) {
      x = net.block(name + std::to_string(repeat), x, stage);
      stage.stride = 1;
    }
  }
  const int last = 4 * builder.shape(x).channels;
  x = net.conv("features." + std::to_string(number), x, last, 1, 1, 1, Op::silu);
  x = builder.flatten(builder.global_avg_pool("avgpool", x));
  builder.linear("classifier.1", builder.dropout("classifier.0", x), classes);
  return builder.finish();
}

template <std::size_t index>
ArchEntry entry() {
  return {"efficientnet_b" + std::to_string(index),
          {{"num_classes", "1000"}, {"input_size", std::to_string(scalings[index].resolution)}},
          [](const ArchSettings& settings) { return build(settings, scalings[index]); }};
}

}  // namespace

std::vector<ArchEntry> efficientnet_family() {
  return {entry<0>(), entry<1>(), entry<2>(), entry<3>(), entry<4>(), entry<5>(), entry<6>(), entry<7>()};
}

}  // namespace qeval
