#pragma once
/// A restricted unpickler: the subset of protocols 2–5 that torch.save and plain Python containers use.
/// It runs no code: globals come from lists, calls are interpreted (pickle_torch_objects.h), and objects of other
/// classes are read over, without their attributes. Opcodes: CPython's Lib/pickletools.py. Bounds: 2,000,000
/// operations, which bounds values, stack and memo too.
#include <cstdint>
#include <span>

#include "stages/model/weights/pickle_value.h"

namespace qeval {

/// Reads one pickle from the start of `bytes`, up to its STOP. The document's views point into `bytes`.
/// Errors: WeightsFormatError: a global outside the lists (pickle_foreign.h) or an opcode outside the subset, by name;
/// malformed or oversized pickles.
PickleDocument read_pickle(std::span<const std::uint8_t> bytes);

}  // namespace qeval
