#pragma once
/// The meaning of the few calls that torch.save writes into a pickle.
/// Errors: WeightsFormatError for wrong argument counts, kinds or values.
#include "stages/model/weights/pickle_value.h"

namespace qeval {

/// REDUCE: what `function(*arguments)` would yield. Both are ids of values in `document`. What is read over yields an
/// object without items.
PickleId reduce_torch_object(PickleDocument& document, PickleId function, PickleId arguments);

/// BINPERSID: ('storage', class, key, location, numel[, None]) → a storage value.
PickleId load_torch_storage(PickleDocument& document, PickleId persistent_id);

}  // namespace qeval
