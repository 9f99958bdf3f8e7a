#pragma once
/// Feeds every activation that a quantizer would see to an ObserverBank, and changes nothing. Quantizers that the bank
/// does not observe work as in inference: those are off, or frozen. One object per batch.
#include <cstdint>

#include "stages/infer/program.h"
#include "stages/quant/observer_bank.h"

namespace qeval {

class ObserverPort : public QuantizerPort {
 public:
  ObserverPort(ObserverBank& bank, QuantizerPort& frozen, std::int64_t ordinal)
      : bank_(bank), frozen_(frozen), ordinal_(ordinal) {}
  at::Tensor pass(int quantizer, at::Tensor tensor) override;
  bool makes_redundant(int, Op) const override { return false; }

 private:
  ObserverBank& bank_;
  QuantizerPort& frozen_;
  std::int64_t ordinal_;
};

}  // namespace qeval
