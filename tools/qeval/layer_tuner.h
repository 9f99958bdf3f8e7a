#pragma once
/// One way to change layers on images: which layers, what is learned of one, and what becomes of it.
/// Ownership: the variant and its table of encodings must outlive a tuner. Thread-safety: one thread at a time.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stages/infer/layerwise_executor.h"
#include "stages/quant/pass_report.h"
#include "tools/qeval/prepared_variant.h"

namespace qeval {

class LayerTuner {
 public:
  /// What one layer is learned from.
  struct Work {
    LayerwiseExecutor& executor;
    std::size_t batches;
    int threads;
    std::function<bool()> go_on;          ///< asked now and then; no: learn returns nothing
    std::function<void(double)> progress;  ///< told now and then: the share of the layer that is done, 0 … 1
  };

  virtual ~LayerTuner() = default;
  virtual const std::vector<std::size_t>& layers() const = 0;  ///< nodes in ascending order
  virtual std::string kind() const = 0;                        ///< of the rows; as stored: never rename
  /// The content of a layer's row. `layer`: as the network has it by now.
  virtual std::optional<std::vector<std::uint8_t>> learn(Work& work, std::size_t index, const Node& layer) const = 0;
  virtual void apply(const std::vector<std::uint8_t>& content, Node& layer) const = 0;
};

/// For a variant that has a tuning. `table`: encodings of the weights.
std::unique_ptr<LayerTuner> make_layer_tuner(const PreparedVariant& variant, const EncodingTable& table);

/// How many layers that will be.
std::size_t layers_to_tune(const PreparedVariant& variant);

/// Which they are, and which not and why, in words; nothing for a variant without a tuning.
std::vector<std::string> tuning_remarks(const PreparedVariant& variant);

}  // namespace qeval
