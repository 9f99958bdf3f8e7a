#include "stages/infer/integer/integer_pools.h"

#include <algorithm>
#include <array>

#include "stages/infer/integer/window_coverage.h"
#include "stages/quant/arithmetic/quantize.h"

namespace qeval {
namespace {

class MaxPool : public IntegerStep {
 public:
  MaxPool(const Slot& from, const Slot& to, const Window& window) : from_(from), to_(to), window_(window) {}

  void run(Workspace& workspace) const override {
    const std::uint8_t* from = workspace.codes(from_);
    std::uint8_t* to = workspace.codes(to_);
    const int planes = from_.shape.quads() * workspace.images();
    for (int plane = 0; plane < planes; ++plane)
      for (int y = 0; y < to_.shape.height; ++y)
        pool_row(from + std::ptrdiff_t{plane} * from_.shape.pixels() * lanes, y,
                 to + (std::ptrdiff_t{plane} * to_.shape.pixels() + y * to_.shape.width) * lanes);
  }

 private:
  void pool_row(const std::uint8_t* image, int y, std::uint8_t* to) const {
    const Positions rows = covered(window_, 0, y, from_.shape.height);
    for (int x = 0; x < to_.shape.width; ++x) {
      const Positions columns = covered(window_, 1, x, from_.shape.width);
      std::array<std::uint8_t, lanes> largest{};
      for (int row = rows.first; row <= rows.last; row += rows.step)
        for (int column = columns.first; column <= columns.last; column += columns.step) {
          const std::uint8_t* pixel = image + (std::ptrdiff_t{row} * from_.shape.width + column) * lanes;
          for (std::size_t lane = 0; lane < lanes; ++lane) largest[lane] = std::max(largest[lane], pixel[lane]);
        }
      std::copy(largest.begin(), largest.end(), to + x * lanes);
    }
  }

  Slot from_, to_;
  Window window_;
};

class Mean : public IntegerStep {
 public:
  Mean(const Slot& from, const Slot& to, const QdqParameters& from_grid, const QdqParameters& grid)
      : from_(from), to_(to), from_grid_(from_grid), grid_(grid) {}

  void run(Workspace& workspace) const override {
    const std::uint8_t* from = workspace.codes(from_);
    std::uint8_t* to = workspace.codes(to_);
    const int planes = from_.shape.quads() * workspace.images(), pixels = from_.shape.pixels();
    for (int plane = 0; plane < planes; ++plane, from += pixels * lanes, to += lanes) {
      std::array<float, lanes> means;
      for (std::size_t lane = 0; lane < lanes; ++lane) means[lane] = mean(from + lane);
      std::array<std::uint32_t, lanes> codes;
      quantize_codes(means, codes, grid_);
      for (std::size_t lane = 0; lane < lanes; ++lane) to[lane] = static_cast<std::uint8_t>(codes[lane]);
    }
  }

 private:
  float mean(const std::uint8_t* codes) const {
    const int pixels = from_.shape.pixels();
    std::int32_t sum = pixels * static_cast<std::int32_t>(from_grid_.offset);
    for (int p = 0; p < pixels; ++p) sum += codes[p * lanes];
    return static_cast<float>(sum) / static_cast<float>(pixels) * from_grid_.scale;
  }

  Slot from_, to_;
  QdqParameters from_grid_, grid_;
};

}  // namespace

std::unique_ptr<IntegerStep> make_integer_max_pool(const Slot& from, const Slot& to, const Window& window) {
  return std::make_unique<MaxPool>(from, to, window);
}

std::unique_ptr<IntegerStep> make_integer_mean(const Slot& from, const Slot& to, const QdqParameters& from_grid,
                                               const QdqParameters& grid) {
  return std::make_unique<Mean>(from, to, from_grid, grid);
}

}  // namespace qeval
