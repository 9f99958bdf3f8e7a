#pragma once
/// The allow-list of Python globals a checkpoint may refer to. Nothing is ever imported or called: each is only a mark
/// that pickle_torch_objects knows how to interpret.
#include <string_view>

#include "stages/model/weights/pickle_value.h"

namespace qeval {

/// Throws WeightsFormatError naming `module.name` when it is not in the list.
PickleValue resolve_pickle_global(std::string_view module, std::string_view name);

}  // namespace qeval
