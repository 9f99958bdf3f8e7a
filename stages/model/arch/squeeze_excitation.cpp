#include "stages/model/arch/squeeze_excitation.h"

namespace qeval {

int squeeze_excitation(GraphBuilder& builder, const std::string& name, int x, const SqueezeExcitation& settings) {
  const int channels = builder.shape(x).channels;
  int scale = builder.global_avg_pool(name + ".avgpool", x);
  scale = builder.conv_with_bias(name + ".fc1", scale, settings.squeeze_channels, square_window(1));
  scale = builder.activation(settings.activation, name + ".activation", scale);
  scale = builder.conv_with_bias(name + ".fc2", scale, channels, square_window(1));
  return builder.mul(name, builder.activation(settings.scale, name + ".scale_activation", scale), x);
}

}  // namespace qeval
