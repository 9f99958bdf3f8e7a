#pragma once
/// Finds the state dict inside an unpickled checkpoint: the one under the key that is asked for ("model", or
/// "state.model" in a dictionary there); else under a usual key (usual_keys.h), the root dict itself, or the only dict
/// of weights there is. Weights are floats with an axis: epochs, metrics, optimizer states and other values beside them
/// are ignored. Errors: WeightsFormatError.
#include <span>

#include "stages/model/weights/pickle_value.h"
#include "stages/model/weights/state_dict_builder.h"

namespace qeval {

/// Size in bytes of the storage's data. Throws WeightsFormatError on overflow.
std::uint64_t storage_bytes(const PickledStorage& storage);

/// Adds every tensor of the state dict, and says which it was. `key`: of the root; empty: the usual one. `storages` has
/// the bytes of document.storages, in that order.
void add_checkpoint_tensors(const PickleDocument& document, const std::vector<std::span<const std::uint8_t>>& storages,
                            const std::string& key, StateDictBuilder& builder);

}  // namespace qeval
