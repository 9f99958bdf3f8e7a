#pragma once
/// Runs a graph. The one seam to LibTorch: no ATen type appears here, and everything behind it lives in a shared
/// library that is loaded only when a verb needs it (see executor_library.h).
///
/// Thread-safety: infer and observe may be called concurrently; each call computes on its caller's thread alone.
/// Results depend on the batch size, the CPU's instruction set, the device and library versions, not on concurrency.
/// Errors: UsageError for a device that is not there, RunError for a device lost or out of memory.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/analyzers/observer_bank.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

struct ExecutorOptions {
  /// "float", "simulated" (f32 with quantize-dequantize), "simulated-exact" (stages/quant/arithmetic/exact_sums.h),
  /// "integer" (the same bits from the codes themselves)
  std::string kind = "float";
  std::string device = "auto";  ///< "auto", "cpu", "cuda", "cuda:1"
  NumericsMode mode = NumericsMode::aimet_1_24;
};

class Executor {
 public:
  virtual ~Executor() = default;

  /// images: f32 NCHW [n, C, H, W], C as the graph's input; logits: f32 [n, classes].
  virtual void infer(std::span<const float> images, int n, std::span<float> logits) const = 0;

  /// Calibration pass (AIMET "analysis" mode): parameters are quantize-dequantized where the table has encodings,
  /// activations only observed: their tensors go to `bank` as batch `ordinal`. Activation quantizers that the bank does
  /// not observe are frozen: they work as in infer.
  virtual void observe(std::span<const float> images, int n, std::int64_t ordinal, ObserverBank& bank) const = 0;

  /// Where a logit of image `image` that is not finite comes from: the first node, in the graph's order, whose output
  /// is not finite for that image and reaches a logit through nodes that are not finite either. Computes the batch once
  /// more, as infer did. InternalError if the logits are finite.
  virtual std::string first_not_finite(std::span<const float> images, int n, int image) const = 0;

  /// What the user should know of how it computes, a line each.
  virtual std::vector<std::string> remarks() const { return {}; }

  virtual std::string device() const = 0;       ///< "cpu" or "cuda:0 NVIDIA …": what was really taken
  virtual std::string environment() const = 0;  ///< library versions and instruction set: whatever can change a bit
};

/// Where an executor would run, known without making one.
struct ExecutorEnvironment {
  std::string device;       ///< as Executor::device
  std::string environment;  ///< as Executor::environment
};

}  // namespace qeval
