#pragma once
/// Which AIMET generation's arithmetic is reproduced. Stored with every result by name: never rename.
#include <optional>
#include <string_view>

namespace qeval {

enum class NumericsMode { aimet_1_24, aimet_torch_2 };
enum class QuantScheme { tf, tf_enhanced };

const char* mode_name(NumericsMode mode);      ///< "aimet-1.24", "aimet-torch-2"
const char* scheme_name(QuantScheme scheme);   ///< "tf", "tf_enhanced"
std::optional<NumericsMode> parse_mode(std::string_view name);
std::optional<QuantScheme> parse_scheme(std::string_view name);

}  // namespace qeval
