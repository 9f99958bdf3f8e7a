#pragma once
/// The observers behind make_observer, one source file each. `mode` must have the scheme.
#include <memory>

#include "stages/quant/analyzers/observer.h"

namespace qeval {

std::unique_ptr<Observer> make_tf_1(NumericsMode mode);  ///< up to aimet-2024
std::unique_ptr<Observer> make_tf_onnx_2();
std::unique_ptr<Observer> make_tf_torch_2();
std::unique_ptr<Observer> make_tf_enhanced(NumericsMode mode);      ///< up to aimet-onnx-2
std::unique_ptr<Observer> make_search_torch_2(QuantScheme scheme);  ///< tf_enhanced, sqnr
std::unique_ptr<Observer> make_percentile(NumericsMode mode);       ///< up to aimet-onnx-2
std::unique_ptr<Observer> make_percentile_torch_2();
std::unique_ptr<Observer> make_mse(NumericsMode mode);      ///< aimet-1.24, aimet-1.31
std::unique_ptr<Observer> make_entropy(NumericsMode mode);  ///< aimet-1.24, aimet-1.31

}  // namespace qeval
