#pragma once
/// One way to change layers on images: which layers, what is learned of one, and what becomes of it.
/// Ownership: the variant and its table of encodings must outlive a tuner. Thread-safety: one thread at a time.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/prepare/prepared_variant.h"
#include "stages/flow/layer_learning.h"

namespace qeval {

class LayerTuner {
 public:
  virtual ~LayerTuner() = default;
  virtual const std::vector<std::size_t>& layers() const = 0;  ///< nodes in ascending order
  virtual std::string kind() const = 0;                        ///< of the rows; as stored: never rename
  /// The content of a layer's row; nothing once work.go_on says no. `layer`: as the network has it by now. `progress`
  /// is told now and then which share of the layer is done, 0 … 1.
  virtual std::optional<std::vector<std::uint8_t>> learn(const LayerWork& work, std::size_t index, const Node& layer,
                                                         const std::function<void(double)>& progress) const = 0;
  /// Whether the size of a stored row can be right.
  virtual bool fits(const std::vector<std::uint8_t>& content, const Node& layer) const = 0;
  virtual void apply(const std::vector<std::uint8_t>& content, Node& layer) const = 0;
};

/// For a variant that has a tuning. `table`: encodings of the weights.
std::unique_ptr<LayerTuner> make_layer_tuner(const PreparedVariant& variant, const EncodingTable& table);

}  // namespace qeval
