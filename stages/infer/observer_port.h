#pragma once
/// Shows every activation that a quantizer would see to an ObserverBank, and changes nothing. Quantizers that the bank
/// does not observe work as in inference: those are off, or frozen. One object per batch.
#include <cstdint>
#include <string>
#include <vector>

#include "stages/infer/program.h"
#include "stages/quant/analyzers/observer_bank.h"

namespace qeval {

/// What the bank makes of a tensor is up to the derived class.
class BankPort : public QuantizerPort {
 public:
  BankPort(const ObserverBank& bank, QuantizerPort& frozen) : bank_(bank), frozen_(frozen) {}
  at::Tensor pass(int quantizer, at::Tensor tensor) override;
  bool loses_nan(int quantizer) const override;
  at::Tensor pass_keeping_nan(int quantizer, at::Tensor tensor) override;
  bool makes_redundant(int, Op) const override { return false; }

 private:
  /// Gets what observed quantizers would see.
  virtual void look(int quantizer, std::span<const float> values) = 0;

  const ObserverBank& bank_;
  QuantizerPort& frozen_;
};

/// Feeds the bank.
class ObserverPort : public BankPort {
 public:
  /// `names`: of all quantizers, for errors. Everything must outlive the port.
  ObserverPort(ObserverBank& bank, QuantizerPort& frozen, std::int64_t ordinal, const std::vector<std::string>& names)
      : BankPort(bank, frozen), bank_(bank), ordinal_(ordinal), names_(names) {}

 private:
  void look(int quantizer, std::span<const float> values) override {
    bank_.observe(quantizer, ordinal_, values, names_[static_cast<std::size_t>(quantizer)]);
  }

  ObserverBank& bank_;
  std::int64_t ordinal_;
  const std::vector<std::string>& names_;
};

/// Refuses what the bank would refuse, and observes nothing.
class FiniteCheckPort : public BankPort {
 public:
  FiniteCheckPort(const ObserverBank& bank, QuantizerPort& frozen, const std::vector<std::string>& names)
      : BankPort(bank, frozen), bank_(bank), names_(names) {}

 private:
  void look(int quantizer, std::span<const float> values) override {
    bank_.require_usable(quantizer, values, names_[static_cast<std::size_t>(quantizer)]);
  }

  const ObserverBank& bank_;
  const std::vector<std::string>& names_;
};

}  // namespace qeval
