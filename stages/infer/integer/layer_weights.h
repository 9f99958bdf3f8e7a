#pragma once
/// A layer's weights as dot kernels take them. Thread-safety: free functions. Errors: none.
#include <cstdint>
#include <vector>

#include "stages/infer/integer/integer_layer.h"

namespace qeval {

/// Of one group: s8 [outputs][taps][⌈inputs / 4⌉][4], the order of a panel's steps; lanes behind the last input are 0.
std::vector<std::int8_t> in_panel_order(const IntegerLayer& layer, int group);

/// Pairs of neighbouring input channels whose products with codes can leave 16 bits when they are added (dot_kernel.h).
/// The layer's slots need not have shapes yet.
std::int64_t saturating_pairs_of(IntegerLayer layer, const CodeShape& input, const CodeShape& output);

}  // namespace qeval
