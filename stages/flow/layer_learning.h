#pragma once
/// What one layer is learned from, of all batches of a LayerwiseExecutor: computed on several threads, added up in an
/// order that does not depend on them. Thread-safety: free functions. `go_on` is asked before every batch, from any
/// thread; once it says no, what is returned has no meaning.
#include <functional>
#include <memory>

#include "stages/infer/layerwise_executor.h"
#include "stages/quant/adaround/learn_rounding.h"

namespace qeval {

struct LayerWork {
  LayerwiseExecutor& executor;
  std::size_t batches;
  int threads;
  std::function<bool()> go_on;
};

OutputShift total_output_shift(const LayerWork& work, std::size_t layer);

std::unique_ptr<LayerData> gathered_layer_data(const LayerWork& work, std::size_t layer);

/// For learn_rounding: an iteration's images in parts of a fixed size. Refers to `data`; not to be called concurrently.
/// `weights`: how many the layer has.
OutputGradient output_gradient_in_parts(const LayerData& data, std::size_t weights, int threads);

}  // namespace qeval
