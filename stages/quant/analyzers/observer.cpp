#include "stages/quant/analyzers/observer.h"

#include <string>

#include "pipeline/base/errors.h"
#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/recovered_grid.h"

namespace qeval {

int grid_steps(const QuantizerSettings& settings) {
  if (settings.bits < 2 || settings.bits > 16)
    throw InternalError("bit width " + std::to_string(settings.bits) + " is outside 2 to 16");
  const bool strict = settings.symmetric && settings.strict_symmetric;
  return (1 << settings.bits) - (strict ? 2 : 1);
}

std::unique_ptr<Observer> make_observer(QuantScheme scheme, NumericsMode mode) {
  if (!has_scheme(mode, scheme)) throw InternalError(missing_scheme_text(mode, scheme));
  const bool is_torch_2 = mode == NumericsMode::aimet_torch_2;
  switch (scheme) {
    case QuantScheme::tf:
      if (mode == NumericsMode::aimet_onnx_2) return make_tf_onnx_2();
      return is_torch_2 ? make_tf_torch_2() : make_tf_1(mode);
    case QuantScheme::tf_enhanced: return is_torch_2 ? make_search_torch_2(scheme) : make_tf_enhanced(mode);
    case QuantScheme::percentile: return is_torch_2 ? make_percentile_torch_2() : make_percentile(mode);
    case QuantScheme::mse: return make_mse(mode);
    case QuantScheme::sqnr: return make_search_torch_2(scheme);
    case QuantScheme::entropy: return make_entropy(mode);
  }
  throw InternalError("no such scheme");
}

EncodingList compute_weight_encodings(std::span<const float> values, const TensorSlices& slices, QuantScheme scheme,
                                      NumericsMode mode, const QuantizerSettings& settings) {
  const std::vector<float> by_slice = gathered(values, slices);
  EncodingList encodings;
  encodings.reserve(slices.count());
  if (mode == NumericsMode::aimet_torch_2) {
    if (const auto scales = recovered_scales(by_slice, slices.count(), settings)) {
      for (const float scale : *scales) encodings.push_back(encoding_of_scale_torch_2(scale, settings));
      return encodings;
    }
  }
  for (std::size_t i = 0; i < slices.count(); ++i) {
    const auto observer = make_observer(scheme, mode);
    observer->observe(std::span(by_slice).subspan(i * slices.slice_size(), slices.slice_size()));
    encodings.push_back(observer->compute(settings));
  }
  return encodings;
}

}  // namespace qeval
