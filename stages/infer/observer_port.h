#pragma once
/// Feeds every activation that a quantizer would see to an ObserverBank, and changes nothing. Quantizers that the bank
/// does not observe work as in inference: those are off, or frozen. One object per batch.
#include <cstdint>
#include <string>
#include <vector>

#include "stages/infer/program.h"
#include "stages/quant/observer_bank.h"

namespace qeval {

class ObserverPort : public QuantizerPort {
 public:
  /// `names`: of all quantizers, for errors. Everything must outlive the port.
  ObserverPort(ObserverBank& bank, QuantizerPort& frozen, std::int64_t ordinal, const std::vector<std::string>& names)
      : bank_(bank), frozen_(frozen), ordinal_(ordinal), names_(names) {}
  at::Tensor pass(int quantizer, at::Tensor tensor) override;
  bool makes_redundant(int, Op) const override { return false; }

 private:
  ObserverBank& bank_;
  QuantizerPort& frozen_;
  std::int64_t ordinal_;
  const std::vector<std::string>& names_;
};

/// Refuses what the bank would refuse, and observes nothing.
class FiniteCheckPort : public QuantizerPort {
 public:
  FiniteCheckPort(const ObserverBank& bank, QuantizerPort& frozen, const std::vector<std::string>& names)
      : bank_(bank), frozen_(frozen), names_(names) {}
  at::Tensor pass(int quantizer, at::Tensor tensor) override;
  bool makes_redundant(int, Op) const override { return false; }

 private:
  const ObserverBank& bank_;
  QuantizerPort& frozen_;
  const std::vector<std::string>& names_;
};

}  // namespace qeval
