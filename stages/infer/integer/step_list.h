#pragma once
/// The steps of a network that is being planned, and which values they need at the same time.
/// Thread-safety: none. Errors: none.
#include <memory>
#include <vector>

#include "stages/infer/integer/buffer_assignment.h"
#include "stages/infer/integer/integer_values.h"
#include "stages/infer/kernels/dot_kernel.h"

namespace qeval {

class StepList {
 public:
  /// `builds`: false where only what is said about the steps is wanted.
  StepList(DotIsa limit, bool builds) : limit_(limit), builds_(builds) {}

  Slot new_slot(const CodeShape& shape) { return {slots_++, shape}; }
  void add(std::unique_ptr<IntegerStep> step, std::vector<int> reads, int writes);
  void add_layer(IntegerLayer layer);

  /// Adds what makes codes of `value`. Of a value in floats alone they are codes that nobody computes: with them, what
  /// comes behind can be judged nevertheless.
  Codes codes(const Value& value, const CodeMeaning& meaning);

  int slots() const { return slots_; }
  const std::vector<SlotUse>& uses() const { return uses_; }
  std::vector<std::unique_ptr<IntegerStep>> take() { return std::move(steps_); }

 private:
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
  std::vector<std::unique_ptr<IntegerStep>> steps_;
  std::vector<SlotUse> uses_;
  int slots_ = 0;
};

}  // namespace qeval
