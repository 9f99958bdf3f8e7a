#pragma once
/// Finds the state dict inside an unpickled checkpoint: the root dict itself, or the one under a usual key
/// ("state_dict", "model_state_dict", "model", "net", "weights"), or the only dict of tensors there is.
/// Epochs, metrics, optimizer states and other values beside it are ignored.
/// Errors: WeightsFormatError.
#include <span>

#include "stages/model/weights/pickle_value.h"
#include "stages/model/weights/state_dict_builder.h"

namespace qeval {

/// Size in bytes of the storage's data. Throws WeightsFormatError on overflow.
std::uint64_t storage_bytes(const PickledStorage& storage);

/// Adds every tensor of the state dict. `storages` has the bytes of document.storages, in that order.
void add_checkpoint_tensors(const PickleDocument& document,
                            const std::vector<std::span<const std::uint8_t>>& storages, StateDictBuilder& builder);

}  // namespace qeval
