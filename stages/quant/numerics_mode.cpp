#include "stages/quant/numerics_mode.h"

#include <array>
#include <utility>

namespace qeval {
namespace {

// Stored with results: never rename.
constexpr std::array<std::pair<NumericsMode, const char*>, 2> mode_names{{
    {NumericsMode::aimet_1_24, "aimet-1.24"},
    {NumericsMode::aimet_torch_2, "aimet-torch-2"},
}};
constexpr std::array<std::pair<QuantScheme, const char*>, 2> scheme_names{{
    {QuantScheme::tf, "tf"},
    {QuantScheme::tf_enhanced, "tf_enhanced"},
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

}  // namespace qeval
