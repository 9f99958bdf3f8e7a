#pragma once
/// Little-endian byte strings of observer states: a tag (which observer), a version, then fields.
/// Persisted: never renumber a tag; change a layout only with a new version. Errors: RunError on foreign bytes.
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

enum class StateTag : std::uint8_t {
  tf_1_24 = 1,
  tf_enhanced_1_24 = 2,
  tf_torch_2 = 3,
  tf_enhanced_torch_2 = 4,
  percentile_1_24 = 5,
  mse_1_24 = 6,
  entropy_1_24 = 7,
  tf_1_31 = 8,
  tf_enhanced_1_31 = 9,
  percentile_1_31 = 10,
  mse_1_31 = 11,
  entropy_1_31 = 12,
  tf_2024 = 13,
  tf_enhanced_2024 = 14,
  percentile_2024 = 15,
  tf_onnx_2 = 16,
  tf_enhanced_onnx_2 = 17,
  percentile_onnx_2 = 18,
  percentile_torch_2 = 19,
  sqnr_torch_2 = 20,
};

/// The tag of a mode's scheme. Errors: InternalError if the mode lacks it.
StateTag state_tag(QuantScheme scheme, NumericsMode mode);

static_assert(std::endian::native == std::endian::little, "states are copied byte for byte");

class StateWriter {
 public:
  StateWriter(StateTag tag, std::uint8_t version) : bytes_{static_cast<std::uint8_t>(tag), version} {}
  template <typename T>
  void put(const T& value) {
    const auto* const from = reinterpret_cast<const std::uint8_t*>(&value);
    bytes_.insert(bytes_.end(), from, from + sizeof(T));
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

class StateReader {
 public:
  StateReader(std::span<const std::uint8_t> bytes, StateTag tag, std::uint8_t version) : rest_(bytes) {
    if (get<std::uint8_t>() != static_cast<std::uint8_t>(tag) || get<std::uint8_t>() != version) fail();
  }
  template <typename T>
  T get() {
    if (rest_.size() < sizeof(T)) fail();
    T value;
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }
  void expect_end() const {
    if (!rest_.empty()) fail();
  }

 private:
  [[noreturn]] static void fail() {
    throw RunError(
        "a stored calibration state was written by another scheme, mode or version of qeval and cannot be continued; "
        "start the calibration again");
  }
  std::span<const std::uint8_t> rest_;
};

}  // namespace qeval
