#include "stages/quant/observer.h"

#include <string>

#include "pipeline/errors.h"
#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/grid.h"

namespace qeval {

int grid_steps(const QuantizerSettings& settings) {
  if (settings.bits < 2 || settings.bits > 16)
    throw InternalError("bit width " + std::to_string(settings.bits) + " is outside 2 to 16");
  const bool strict = settings.symmetric && settings.strict_symmetric;
  return (1 << settings.bits) - (strict ? 2 : 1);
}

std::unique_ptr<Observer> make_observer(QuantScheme scheme, NumericsMode mode) {
  const bool enhanced = scheme == QuantScheme::tf_enhanced;
  if (mode == NumericsMode::aimet_1_24) return enhanced ? make_tf_enhanced_1_24() : make_tf_1_24();
  return enhanced ? make_tf_enhanced_torch_2() : make_tf_torch_2();
}

EncodingList compute_weight_encodings(std::span<const float> values, std::int64_t channels, bool per_channel,
                                      QuantScheme scheme, NumericsMode mode, const QuantizerSettings& settings) {
  const std::size_t slices = per_channel ? static_cast<std::size_t>(channels) : 1;
  if (channels < 1 || values.empty() || values.size() % slices != 0)
    throw InternalError(std::to_string(values.size()) + " weights cannot be split into " + std::to_string(channels) + " channels");
  const std::size_t size = values.size() / slices;
  EncodingList encodings;
  encodings.reserve(slices);
  for (std::size_t c = 0; c < slices; ++c) {
    const auto observer = make_observer(scheme, mode);
    observer->observe(values.subspan(c * size, size));
    encodings.push_back(observer->compute(settings));
  }
  return encodings;
}

}  // namespace qeval
