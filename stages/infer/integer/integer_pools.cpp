#include "stages/infer/integer/integer_pools.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "stages/infer/integer/window_coverage.h"

namespace qeval {
namespace {

class MaxPool : public IntegerStep {
 public:
  MaxPool(const Slot& from, const Slot& to, const Window& window) : from_(from), to_(to), window_(window) {}

  void run(Workspace& workspace) const override {
    const std::uint8_t* from = workspace.codes(from_);
    std::uint8_t* to = workspace.codes(to_);
    const int planes = from_.shape.quads() * workspace.images();
    std::vector<std::uint8_t> highest(static_cast<std::size_t>(from_.shape.width) * lanes);
    for (int plane = 0; plane < planes; ++plane, from += from_.shape.pixels() * lanes)
      for (int y = 0; y < to_.shape.height; ++y, to += to_.shape.width * lanes) {
        pool_columns(from, y, highest);
        pool_row(highest.data(), to);
      }
  }

 private:
  /// The largest code of the window's rows, for every byte of a row.
  void pool_columns(const std::uint8_t* image, int y, std::span<std::uint8_t> highest) const {
    const Positions rows = covered(window_, 0, y, from_.shape.height);
    const auto bytes = static_cast<std::ptrdiff_t>(highest.size());
    std::fill(highest.begin(), highest.end(), std::uint8_t{0});
    for (int row = rows.first; row <= rows.last; row += rows.step) {
      const std::uint8_t* codes = image + row * bytes;
      for (std::size_t i = 0; i < highest.size(); ++i) highest[i] = std::max(highest[i], codes[i]);
    }
  }

  void pool_row(const std::uint8_t* highest, std::uint8_t* to) const {
    for (int x = 0; x < to_.shape.width; ++x) {
      const Positions columns = covered(window_, 1, x, from_.shape.width);
      std::array<std::uint8_t, lanes> largest{};
      for (int column = columns.first; column <= columns.last; column += columns.step)
        for (std::size_t lane = 0; lane < lanes; ++lane)
          largest[lane] = std::max(largest[lane], highest[static_cast<std::size_t>(column * lanes) + lane]);
      std::copy(largest.begin(), largest.end(), to + x * lanes);
    }
  }

  Slot from_, to_;
  Window window_;
};

float mean_of(std::int32_t sum, int count, const IntegerMean& mean) {
  return mean.limits(static_cast<float>(sum) / static_cast<float>(count) * mean.from_grid.scale);
}

class Mean : public IntegerStep {
 public:
  explicit Mean(const IntegerMean& mean) : mean_(mean) {}

  void run(Workspace& workspace) const override {
    const std::uint8_t* from = workspace.codes(mean_.from);
    std::uint8_t* to = workspace.codes(mean_.to);
    const int pixels = mean_.from.shape.pixels(), planes = mean_.from.shape.quads() * workspace.images();
    for (int plane = 0; plane < planes; ++plane, from += pixels * lanes, to += lanes) {
      std::array<float, lanes> means;
      for (std::size_t lane = 0; lane < lanes; ++lane) means[lane] = mean(from + lane);
      write_codes(means, mean_.grid, to);
    }
  }

 private:
  float mean(const std::uint8_t* codes) const {
    const int pixels = mean_.from.shape.pixels();
    std::int32_t sum = pixels * static_cast<std::int32_t>(mean_.from_grid.offset);
    for (int p = 0; p < pixels; ++p) sum += codes[p * lanes];
    return mean_of(sum, pixels, mean_);
  }

  IntegerMean mean_;
};

class WindowMean : public IntegerStep {
 public:
  WindowMean(const IntegerMean& mean, const Window& window) : mean_(mean), window_(window) {}

  void run(Workspace& workspace) const override {
    const CodeShape &in = mean_.from.shape, &out = mean_.to.shape;
    const std::uint8_t* image = workspace.codes(mean_.from);
    std::uint8_t* to = workspace.codes(mean_.to);
    const auto row_values = static_cast<std::size_t>(out.width) * lanes;
    auto* means = workspace.scratch<float>(0, row_values);
    for (int planes = in.quads() * workspace.images(); planes > 0; --planes, image += in.pixels() * lanes)
      for (int y = 0; y < out.height; ++y, to += row_values) {
        average_row(image, y, means);
        write_codes({means, row_values}, mean_.grid, to);
      }
  }

 private:
  void average_row(const std::uint8_t* image, int y, float* means) const {
    const CodeShape& in = mean_.from.shape;
    const Positions rows = covered(window_, 0, y, in.height);
    for (int x = 0; x < mean_.to.shape.width; ++x, means += lanes) {
      const Positions columns = covered(window_, 1, x, in.width);
      const int inside = rows.count() * columns.count();
      std::array<std::int32_t, lanes> sums;
      sums.fill(inside * static_cast<std::int32_t>(mean_.from_grid.offset));
      for (int row = rows.first; row <= rows.last; row += rows.step)
        for (int column = columns.first; column <= columns.last; column += columns.step) {
          const std::uint8_t* pixel = image + (std::ptrdiff_t{row} * in.width + column) * lanes;
          for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += pixel[lane];
        }
      const int count = window_.count_include_pad
                            ? padded_count(window_, 0, y, in.height) * padded_count(window_, 1, x, in.width)
                            : inside;
      for (std::size_t lane = 0; lane < lanes; ++lane) means[lane] = mean_of(sums[lane], count, mean_);
    }
  }

  IntegerMean mean_;
  Window window_;
};

}  // namespace

std::unique_ptr<IntegerStep> make_integer_max_pool(const Slot& from, const Slot& to, const Window& window) {
  return std::make_unique<MaxPool>(from, to, window);
}

std::unique_ptr<IntegerStep> make_integer_mean(const IntegerMean& mean) { return std::make_unique<Mean>(mean); }

std::unique_ptr<IntegerStep> make_integer_window_mean(const IntegerMean& mean, const Window& window) {
  return std::make_unique<WindowMean>(mean, window);
}

}  // namespace qeval
