#include "stages/model/arch/conv_norm_activation.h"

namespace qeval {

int conv_norm_activation(GraphBuilder& builder, const std::string& name, int x, int channels, int kernel, int stride,
                         int groups, const ConvNormActivation& kind) {
  x = builder.conv(name + ".0", x, channels, square_window(kernel, stride, (kernel - 1) / 2, groups));
  x = builder.batch_norm(name + ".1", x, kind.epsilon);
  return kind.activation == Op::input ? x : builder.activation(kind.activation, name + ".2", x);
}

}  // namespace qeval
