#pragma once
/// Statistics of one tensor over calibration batches, and the encoding they lead to.
///
/// One implementation per (scheme, mode), in analyzers/. Thread-safety: none; ObserverBank orders the calls.
/// Sources: AIMET 1.24 DlQuantization; aimet_torch 2.42 encoding_analyzer.py.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"
#include "stages/quant/arithmetic/tensor_slices.h"

namespace qeval {

struct QuantizerSettings {
  int bits = 8;
  bool symmetric = false;
  bool strict_symmetric = false;
  bool unsigned_symmetric = false;
  double percentile = 100;  ///< scheme percentile only: the share of values, in percent, that either end keeps inside
  /// Mode aimet-torch-2, scheme tf only: ends that replace those of what was seen, before the grid is laid over it.
  std::optional<double> fixed_min{}, fixed_max{};
};

class Observer {
 public:
  virtual ~Observer() = default;
  /// Folds one tensor (f32, any order of elements). Each call is one AIMET "batch".
  virtual void observe(std::span<const float> values) = 0;
  /// AIMET's arithmetic says what a NaN or an infinity does to the encoding. Where it does not, observing one would end
  /// in an encoding that means nothing.
  virtual bool defines_not_finite() const { return false; }
  /// The encoding of everything seen so far; std::nullopt-like empty result (bits 0) if nothing was seen.
  virtual Encoding compute(const QuantizerSettings& settings) const = 0;
  /// Exact state, little-endian, versioned: restore(serialize()) continues bit for bit.
  virtual std::vector<std::uint8_t> serialize() const = 0;
  virtual void restore(std::span<const std::uint8_t> state) = 0;
};

/// Errors: InternalError if the mode lacks the scheme.
std::unique_ptr<Observer> make_observer(QuantScheme scheme, NumericsMode mode);

/// Encodings of a parameter, one per slice.
EncodingList compute_weight_encodings(std::span<const float> values, const TensorSlices& slices, QuantScheme scheme,
                                      NumericsMode mode, const QuantizerSettings& settings);

}  // namespace qeval
