#pragma once
/// Feeds every activation that a quantizer would see to an ObserverBank, and changes nothing. One object per batch.
#include <cstdint>

#include "stages/infer/program.h"
#include "stages/quant/observer_bank.h"

namespace qeval {

class ObserverPort : public QuantizerPort {
 public:
  ObserverPort(ObserverBank& bank, std::int64_t ordinal) : bank_(bank), ordinal_(ordinal) {}
  at::Tensor pass(int quantizer, at::Tensor tensor) override;
  bool makes_redundant(int, Op) const override { return false; }

 private:
  ObserverBank& bank_;
  std::int64_t ordinal_;
};

}  // namespace qeval
