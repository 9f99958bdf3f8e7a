#pragma once
/// torchvision's ops.misc.SqueezeExcitation, shared by several families.
#include <string>

#include "stages/model/graph_builder.h"

namespace qeval {

struct SqueezeExcitation {
  int squeeze_channels;
  Op activation = Op::relu;  ///< module "activation", between the two convolutions
  Op scale = Op::sigmoid;    ///< module "scale_activation"
};

/// x times one factor per channel that is computed from x's means.
int squeeze_excitation(GraphBuilder& builder, const std::string& name, int x, const SqueezeExcitation& settings);

}  // namespace qeval
