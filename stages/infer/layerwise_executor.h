#pragma once
/// A network in float and the same with quantized weights, side by side on the same images, one layer after another:
/// for what changes a layer so that the quantized network does there what the float one does.
///
/// Activations are not quantized. Layers are visited in ascending order; a layer that was changed is computed as
/// changed from then on, in the quantized network only. Thread-safety: admit, output_shift and gather may be called
/// concurrently for different batches; the others alone. Each call computes on its caller's thread alone. Memory: the
/// images, and values between layers up to a bound; what does not fit is computed again from the last place where all
/// batches fitted. Early layers are large and cheap, late ones small and dear: little is computed twice. Errors: as
/// Executor.
#include <cstdint>
#include <memory>
#include <span>

#include "stages/infer/executor.h"
#include "stages/quant/bias_correction/output_shift.h"

namespace qeval {

/// What a layer is fed in the quantized network, and what comes out in the float one, of all images: what its weights
/// can be learned from. Behind a ReLU or ReLU6 that takes the output alone, outputs are compared behind it; AIMET knows
/// more activations, and takes the first of several consumers. Thread-safety: may be used concurrently; each call
/// computes on its caller's thread alone.
class LayerData {
 public:
  virtual ~LayerData() = default;
  virtual std::size_t images() const = 0;
  /// d loss / d W at `weights`, of some of the images: their part of a mean over `of` images and all positions of the
  /// sum over channels of (output − output of the float network)².
  virtual void output_gradient(std::span<const float> weights, std::span<const std::size_t> images, std::size_t of,
                               std::span<float> gradient) const = 0;
};

class LayerwiseExecutor {
 public:
  virtual ~LayerwiseExecutor() = default;
  /// Keeps the images of batch `number`: f32 NCHW [n, 3, H, W].
  virtual void admit(std::size_t number, std::span<const float> images, int n) = 0;
  /// Of node `layer`, over the batch's images; nothing for a batch that was not admitted.
  virtual OutputShift output_shift(std::size_t number, std::size_t layer) = 0;
  /// Keeps what layer_data will be made of, all of it in memory.
  virtual void gather(std::size_t number, std::size_t layer) = 0;
  /// Of the layer that was gathered last.
  virtual std::unique_ptr<LayerData> layer_data(std::size_t layer) = 0;
  /// The quantized network's layer computes with these from now on.
  virtual void replace(std::size_t layer, const Tensor& weight, const Tensor& bias) = 0;
};

/// Values between layers may take so many bytes.
inline constexpr std::int64_t layerwise_bytes = std::int64_t{3} << 30;

}  // namespace qeval
