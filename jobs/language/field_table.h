#pragma once
/// The one table of what a job file may hold. Checks, defaults, did-you-mean, --set, JSON Schema and the reference are
/// all driven by it: a new key is one row here and one line in spec_builder.cpp; if it changes results, it must
/// reach the key components of jobs/prepare/prepared_variant.cpp too.
/// Thread-safety: built once, then read only.
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

/// The forms a value may take; several are combined with |.
namespace form {
inline constexpr unsigned empty = 1;  ///< nothing at all: "fp32:"
inline constexpr unsigned boolean = 2;
inline constexpr unsigned integer = 4;  ///< minimum … maximum, or one of `integers`
inline constexpr unsigned number = 8;   ///< minimum … maximum
inline constexpr unsigned share = 16;   ///< 0 ≤ x < 1, written with a decimal point
inline constexpr unsigned text = 32;    ///< `pattern`, if there is one
inline constexpr unsigned path = 64;    ///< taken from the job file's folder if relative
inline constexpr unsigned word = 128;   ///< one of `words`
inline constexpr unsigned list = 256;   ///< rows "path[]"; item_counts, if given, are the lengths allowed
inline constexpr unsigned map = 512;    ///< rows "path.key", or "path.*" where keys are free
inline constexpr unsigned any_scalar = 1024;
}  // namespace form

struct Field {
  std::string path{};  ///< "quantization.param.bits"; "*" stands for any key, "[]" for a list item
  unsigned forms = 0;
  std::string help{};        ///< one sentence, for people
  std::string fallback{};    ///< YAML text that is taken when the key is absent; empty = none
  bool required = false;     ///< in the merged view of every variant
  bool in_variants = false;  ///< a top-level section that variants.* may hold too
  std::vector<std::string> words{};
  double minimum = std::numeric_limits<double>::lowest(), maximum = std::numeric_limits<double>::max();
  bool above_minimum = false;  ///< the minimum itself is not allowed
  bool is_fraction = false;    ///< a percentage is a likely slip, and is answered with the fraction
  std::vector<int> integers{};
  std::string pattern{}, pattern_help{};  ///< regular expression (see pattern.h) for text, or for the keys of path.*
  std::vector<int> item_counts{};
  std::vector<std::string> one_of{};     ///< a map holds exactly one of these keys
  std::vector<std::string> only_with{};  ///< makes sense beside one of these sibling keys only; empty = always
};

/// In the order of the reference.
const std::vector<Field>& field_table();

/// Texts longer than this are refused.
inline constexpr std::size_t max_text_bytes = 4096;

}  // namespace qeval
