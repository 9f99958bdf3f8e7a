#pragma once
/// The steps of a network that is being planned, and which values they need at the same time.
/// Thread-safety: none. Errors: none.
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "stages/infer/integer/integer_elementwise.h"
#include "stages/infer/integer/integer_network.h"
#include "stages/infer/integer/integer_values.h"
#include "stages/infer/integer/network_split.h"
#include "stages/infer/kernels/dot_kernel.h"

namespace qeval {

class StepList {
 public:
  /// `builds`: false where only what is said about the steps is wanted.
  StepList(DotIsa limit, bool builds) : limit_(limit), builds_(builds) {}

  Slot new_slot(const CodeShape& shape) {
    shapes_.push_back(shape);
    return {static_cast<int>(shapes_.size()) - 1, shape};
  }
  void add(std::unique_ptr<IntegerStep> step, std::vector<int> reads, int writes);
  void add_layer(IntegerLayer layer);

  /// Adds what makes codes of `value`. Of a value in floats alone they are codes that nobody computes: with them, what
  /// comes behind can be judged nevertheless.
  Codes codes(const Value& value, const CodeMeaning& meaning);

  /// Ends the list. `cache_bytes`: network_split.h.
  std::vector<NetworkPart> build(std::size_t cache_bytes);

 private:
  using PlannedStep = std::variant<IntegerLayer, IntegerSum, std::unique_ptr<IntegerStep>>;

  void add_sum(const IntegerSum& sum);
  void fuse_sums();
  bool fuse_sum(std::size_t at, const Codes& of_layer, const Codes& other);
  void drop_fused();
  NetworkSplit split(std::size_t cache_bytes) const;
  std::unique_ptr<IntegerStep> built(PlannedStep step) const;
  NetworkPart part(std::size_t first, std::size_t last, int given);

  Codes codes_of(const FloatValue& value, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const Codes& from, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const ImageValue& value, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const LayerValue& value, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const SumValue& sum, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const PairValue& pair, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const MeanValue& mean, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const NormValue& norm, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const ConcatValue& concat, const CodeShape& shape, const CodeMeaning& meaning);
  Codes codes_of(const MappedValue& mapped, const CodeShape& shape, const CodeMeaning& meaning);
  Codes recoded(const Codes& from, const CodeShape& shape, const CodeMeaning& meaning, const CodeMap& map);

  DotIsa limit_;
  bool builds_;
  std::vector<std::optional<PlannedStep>> steps_;  ///< absent: fused with a later one
  std::vector<SlotUse> uses_;                      ///< of each step
  std::vector<CodeShape> shapes_;                  ///< of each slot
};

}  // namespace qeval
