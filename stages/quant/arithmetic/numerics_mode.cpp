#include "stages/quant/arithmetic/numerics_mode.h"

#include <array>
#include <utility>

namespace qeval {
namespace {

// Stored with results: never rename.
constexpr std::array<std::pair<NumericsMode, const char*>, 5> mode_names{{
    {NumericsMode::aimet_1_24, "aimet-1.24"},
    {NumericsMode::aimet_1_31, "aimet-1.31"},
    {NumericsMode::aimet_2024, "aimet-2024"},
    {NumericsMode::aimet_onnx_2, "aimet-onnx-2"},
    {NumericsMode::aimet_torch_2, "aimet-torch-2"},
}};
constexpr std::array<std::pair<QuantScheme, const char*>, 6> scheme_names{{
    {QuantScheme::tf, "tf"},
    {QuantScheme::tf_enhanced, "tf_enhanced"},
    {QuantScheme::percentile, "percentile"},
    {QuantScheme::mse, "mse"},
    {QuantScheme::sqnr, "sqnr"},
    {QuantScheme::entropy, "entropy"},
}};

template <typename Table, typename Value>
const char* name_in(const Table& table, Value value) {
  for (const auto& [candidate, name] : table)
    if (candidate == value) return name;
  return "unknown";
}

template <typename Value, typename Table>
std::optional<Value> value_in(const Table& table, std::string_view wanted) {
  for (const auto& [candidate, name] : table)
    if (wanted == name) return candidate;
  return std::nullopt;
}

}  // namespace

const char* mode_name(NumericsMode mode) { return name_in(mode_names, mode); }
const char* scheme_name(QuantScheme scheme) { return name_in(scheme_names, scheme); }
std::optional<NumericsMode> parse_mode(std::string_view name) { return value_in<NumericsMode>(mode_names, name); }
std::optional<QuantScheme> parse_scheme(std::string_view name) { return value_in<QuantScheme>(scheme_names, name); }

bool is_before_2(NumericsMode mode) {
  return mode == NumericsMode::aimet_1_24 || mode == NumericsMode::aimet_1_31 || mode == NumericsMode::aimet_2024;
}

bool has_scheme(NumericsMode mode, QuantScheme scheme) {
  switch (scheme) {
    case QuantScheme::tf:
    case QuantScheme::tf_enhanced:
    case QuantScheme::percentile: return true;
    case QuantScheme::mse:
    case QuantScheme::entropy: return mode == NumericsMode::aimet_1_24 || mode == NumericsMode::aimet_1_31;
    case QuantScheme::sqnr: return mode == NumericsMode::aimet_torch_2;
  }
  return false;
}

std::string missing_scheme_text(NumericsMode mode, QuantScheme scheme) {
  if (has_scheme(mode, scheme)) return {};
  std::string having;
  for (const auto& [candidate, name] : mode_names)
    if (has_scheme(candidate, scheme)) having += (having.empty() ? "" : ", ") + std::string(name);
  return std::string("mode ") + mode_name(mode) + " has no scheme " + scheme_name(scheme) +
         "; modes with it: " + having;
}

}  // namespace qeval
