#pragma once
/// Which AIMET generation's arithmetic is reproduced, and how a quantizer's range is found. Stored with every result by
/// name: never rename. Thread-safety: free functions.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

enum class NumericsMode { aimet_1_24, aimet_1_31, aimet_2024, aimet_onnx_2, aimet_torch_2 };
enum class QuantScheme { tf, tf_enhanced, percentile, mse, sqnr, entropy };

const char* mode_name(
    NumericsMode mode);  ///< "aimet-1.24", "aimet-1.31", "aimet-2024", "aimet-onnx-2", "aimet-torch-2"
const char* scheme_name(QuantScheme scheme);  ///< "tf", "tf_enhanced", "percentile", "mse", "sqnr", "entropy"
std::optional<NumericsMode> parse_mode(std::string_view name);
std::optional<QuantScheme> parse_scheme(std::string_view name);

/// The generations before 2.x (1.24, 1.31, 2024): they share the batch-norm folding and the default configuration.
bool is_before_2(NumericsMode mode);

/// Not every generation has every scheme.
bool has_scheme(NumericsMode mode, QuantScheme scheme);

/// Empty if `mode` has `scheme`; else a sentence that names the modes that have it.
std::string missing_scheme_text(NumericsMode mode, QuantScheme scheme);

}  // namespace qeval
