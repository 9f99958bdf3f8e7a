#pragma once
/// torchvision's ops.misc.Conv2dNormActivation: a sequence of convolution "0", batch norm "1", activation "2".
#include <string>

#include "stages/model/graph_builder.h"

namespace qeval {

struct ConvNormActivation {
  Op activation;  ///< Op::input = none
  float epsilon = 1e-5f;
};

/// Padding (kernel − 1) / 2 on all sides.
int conv_norm_activation(GraphBuilder& builder, const std::string& name, int x, int channels, int kernel, int stride,
                         int groups, const ConvNormActivation& kind);

}  // namespace qeval
