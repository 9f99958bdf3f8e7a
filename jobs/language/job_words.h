#pragma once
/// Words of a job file that stand for one of a few things, as values: a word is text where it is read and where it is
/// told, and nowhere between. Words are in keys and in databases: never rename.
/// Thread-safety: free functions and plain values. Errors: none.
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

enum class DatasetKind { imagefolder, list };
enum class StepKind { decode, resize, center_crop, normalize };
enum class ResamplingFilter { bilinear, bicubic };
enum class PillowRelease { v12_1, v12_2, v13 };  ///< whose resize is emulated
enum class PixelRange { unit, bytes };
enum class ChannelOrder { rgb, bgr };
enum class NumberType { integer, floating };  ///< that a quantizer makes
enum class BiasCorrectionMethod { none, analytic, empirical };
enum class WeightRounding { nearest, adaround };
enum class EncodingsPolicy { strict, partial };
enum class MissingEncodings { error, leave_float };
enum class Metric { top1, top5 };

/// A value's word is at its place in the list.
template <class Value>
inline constexpr auto job_words = nullptr;
template <>
inline constexpr std::array job_words<DatasetKind>{"imagefolder", "list"};
template <>
inline constexpr std::array job_words<StepKind>{"decode", "resize", "center_crop", "normalize"};
template <>
inline constexpr std::array job_words<ResamplingFilter>{"bilinear", "bicubic"};
template <>
inline constexpr std::array job_words<PillowRelease>{"pillow-12.1", "pillow-12.2", "pillow-13"};
template <>
inline constexpr std::array job_words<PixelRange>{"unit", "bytes"};
template <>
inline constexpr std::array job_words<ChannelOrder>{"rgb", "bgr"};
template <>
inline constexpr std::array job_words<NumberType>{"int", "float"};
template <>
inline constexpr std::array job_words<BiasCorrectionMethod>{"none", "analytic", "empirical"};
template <>
inline constexpr std::array job_words<WeightRounding>{"nearest", "adaround"};
template <>
inline constexpr std::array job_words<EncodingsPolicy>{"strict", "partial"};
template <>
inline constexpr std::array job_words<MissingEncodings>{"error", "leave_float"};
template <>
inline constexpr std::array job_words<Metric>{"top1", "top5"};

template <class Value>
[[nodiscard]] std::string word_of(Value value) {
  return job_words<Value>.at(static_cast<std::size_t>(value));
}

template <class Value>
[[nodiscard]] std::optional<Value> parse_word(std::string_view word) {
  const auto& words = job_words<Value>;
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Value>(found - words.begin());
}

/// For the field table.
template <class Value>
[[nodiscard]] std::vector<std::string> words_of() {
  return {job_words<Value>.begin(), job_words<Value>.end()};
}

}  // namespace qeval
