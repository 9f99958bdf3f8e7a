#pragma once
/// What is said of TorchScript archives. Thread-safety: free function.
#include "stages/model/weights/weights_format_error.h"

namespace qeval {

[[noreturn]] inline void refuse_torchscript() {
  throw WeightsFormatError("is a TorchScript archive, which is a program and not only weights",
                           "take the weights out of it in Python:\n"
                           "  import torch\n"
                           "  model = torch.jit.load(\"FILE\", map_location=\"cpu\")\n"
                           "  torch.save(model.state_dict(), \"weights.pth\")");
}

}  // namespace qeval
