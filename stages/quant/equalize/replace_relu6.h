#pragma once
/// ReLU6 → ReLU. Only ReLU commutes with a positive scale per channel, so equalization has to replace ReLU6 first, as
/// AIMET up to 2.3 does; later versions leave that to the user. It changes what the network computes wherever an
/// activation exceeds 6.
#include "stages/model/graph.h"

namespace qeval {

/// Every ReLU6 of the graph becomes a ReLU under the same name. Returns how many.
int replace_relu6(Graph& graph);

}  // namespace qeval
