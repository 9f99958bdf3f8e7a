#include "stages/infer/kernels/packed_weights.h"

#include <cstring>
#include <string>

#include "pipeline/base/errors.h"

namespace qeval {

std::vector<std::byte> packed_bytes(int rows, int steps, std::size_t bytes) {
  const PackedHeader header{rows, steps};
  std::vector<std::byte> packed(packed_alignment + bytes);
  std::memcpy(packed.data(), &header, sizeof header);
  return packed;
}

void check_weights(std::span<const std::int8_t> weights, int rows, int steps) {
  if (rows > 0 && steps > 0 && std::ssize(weights) == std::ptrdiff_t{4} * rows * steps) return;
  throw InternalError("integer kernel: " + std::to_string(weights.size()) + " weights for " + std::to_string(rows) +
                      " rows of " + std::to_string(steps) + " steps");
}

std::vector<std::byte> pack_interleaved(std::span<const std::int8_t> weights, int rows, int steps, int outputs) {
  check_weights(weights, rows, steps);
  const int tiles = (rows + outputs - 1) / outputs;
  const auto step_bytes = static_cast<std::size_t>(outputs) * 4;
  auto packed =
      packed_bytes(rows, steps, static_cast<std::size_t>(tiles) * static_cast<std::size_t>(steps) * step_bytes);
  for (int row = 0; row < rows; ++row) {
    std::byte* to = packed.data() + packed_alignment + static_cast<std::size_t>(row / outputs * steps) * step_bytes +
                    static_cast<std::size_t>(row % outputs) * 4;
    const std::int8_t* from = weights.data() + static_cast<std::ptrdiff_t>(row) * steps * 4;
    for (int step = 0; step < steps; ++step)
      std::memcpy(to + static_cast<std::size_t>(step) * step_bytes, from + step * 4, 4);
  }
  return packed;
}

}  // namespace qeval
