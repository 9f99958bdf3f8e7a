#pragma once
/// The lists of Python globals a checkpoint may refer to: those that weights are made of, and those that training
/// scripts keep beside them. Nothing is ever imported or called: each is only a mark that pickle_torch_objects knows
/// how to interpret, or that is read over.
#include <string_view>

#include "stages/model/weights/pickle_value.h"

namespace qeval {

/// PickleGlobal::foreign for what is in neither list.
PickleValue resolve_pickle_global(std::string_view module, std::string_view name);

}  // namespace qeval
