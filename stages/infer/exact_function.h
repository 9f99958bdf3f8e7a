#pragma once
/// Functions of one value computed as stages/quant/arithmetic/exact_activation.h says. Thread-safety: as Operation.
#include "stages/infer/operation.h"
#include "stages/quant/arithmetic/exact_activation.h"

namespace qeval {

std::unique_ptr<Operation> make_exact_function(ExactTable table, const at::Device& device);

}  // namespace qeval
