// Panels against the windows' definition.
#include <random>

#include <gtest/gtest.h>

#include "stages/infer/integer/panel_packing.h"
#include "stages/model/node_shapes.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr std::uint8_t padding_code = 77;
constexpr int images = 2, slack = 64;

constexpr Isa isas[] = {Isa::baseline, Isa::avx2, Isa::avx512};

struct IsaLimit {
  explicit IsaLimit(Isa isa) { limit_isa(isa); }
  ~IsaLimit() { limit_isa(highest_isa); }
};

struct Case {
  CodeShape input, output;
  Window window;
};

Case random_case(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Case result;
  result.input = {1 + below(14), 1 + below(12), 1 + below(40)};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    result.window.kernel[axis] = 1 + below(3);
    result.window.stride[axis] = 1 + below(3);
    result.window.dilation[axis] = 1 + below(2);
  }
  for (int& pad : result.window.padding) pad = below(4);
  const int sides[] = {result.input.height, result.input.width};
  int outputs[2];
  for (std::size_t axis = 0; axis < 2; ++axis) {
    while (window_positions(result.window, axis, sides[axis]) < 1) ++result.window.padding[2 * axis];
    outputs[axis] = static_cast<int>(window_positions(result.window, axis, sides[axis]));
  }
  result.output = {1, outputs[0], outputs[1]};
  return result;
}

std::vector<std::uint8_t> random_codes(std::size_t count, std::mt19937& random) {
  std::vector<std::uint8_t> codes(count + slack);
  for (std::uint8_t& code : codes) code = static_cast<std::uint8_t>(random());
  return codes;
}

/// What stands at a tap of an output pixel's window.
std::uint8_t code_at(const Case& c, const std::vector<std::uint8_t>& codes, int channel, int pixel, int tap) {
  const int x = pixel % c.output.width, y = pixel / c.output.width % c.output.height, image = pixel / c.output.pixels();
  const int row = y * c.window.stride[0] - c.window.padding[0] + tap / c.window.kernel[1] * c.window.dilation[0];
  const int column = x * c.window.stride[1] - c.window.padding[2] + tap % c.window.kernel[1] * c.window.dilation[1];
  if (row < 0 || row >= c.input.height || column < 0 || column >= c.input.width) return padding_code;
  const int plane = channel / lanes * images + image;
  return codes[static_cast<std::size_t>(((plane * c.input.height + row) * c.input.width + column) * lanes +
                                        channel % lanes)];
}

TEST(PanelPacking, HasWhatWindowsCover) {
  std::mt19937 random(5);
  for (int i = 0; i < 1500; ++i) {
    const IsaLimit limit(isas[i % 3]);
    const Case c = random_case(random);
    const auto codes = random_codes(c.input.bytes() * images, random);
    const PanelPacking packing(c.input, c.output, c.window, padding_code);
    const int all = images * c.output.pixels(), first = static_cast<int>(random() % static_cast<unsigned>(all));
    const int panel_pixels = 16 * (1 + static_cast<int>(random() % 3)), used = std::min(panel_pixels, all - first);
    const PanelPacking::Pixels pixels(packing, first, used);
    const int quad = static_cast<int>(random() % static_cast<unsigned>(c.input.quads()));
    const int quads = c.input.quads() - quad;
    std::vector<std::uint8_t> panel(static_cast<std::size_t>(packing.taps() * quads * panel_pixels * lanes) + slack);
    packing.pack(codes.data(), images, pixels, quad, quads, panel_pixels, panel.data());
    for (int tap = 0; tap < packing.taps(); ++tap)
      for (int channel = quad * lanes; channel < c.input.channels; ++channel)
        for (int p = 0; p < used; ++p) {
          const int row = tap * quads + channel / lanes - quad;
          ASSERT_EQ(panel[static_cast<std::size_t>((row * panel_pixels + p) * lanes + channel % lanes)],
                    code_at(c, codes, channel, first + p, tap))
              << "case " << i;
        }
  }
}

TEST(PanelPacking, TakesChannelsThatBeginWithinAQuad) {
  std::mt19937 random(6);
  for (int i = 0; i < 200; ++i) {
    const Case c = random_case(random);
    const auto codes = random_codes(c.input.bytes() * images, random);
    const PanelPacking packing(c.input, c.output, c.window, padding_code);
    constexpr int panel_pixels = 16;
    const int used = std::min(panel_pixels, images * c.output.pixels());
    const PanelPacking::Pixels pixels(packing, 0, used);
    const int channel = static_cast<int>(random() % static_cast<unsigned>(c.input.channels));
    const int count = 1 + static_cast<int>(random() % static_cast<unsigned>(c.input.channels - channel));
    const int quads = (count + lanes - 1) / lanes;
    std::vector<std::uint8_t> panel(static_cast<std::size_t>(packing.taps() * quads * panel_pixels * lanes) + slack);
    packing.pack_channels(codes.data(), images, pixels, channel, count, panel_pixels, panel.data());
    for (int tap = 0; tap < packing.taps(); ++tap)
      for (int k = 0; k < count; ++k)
        for (int p = 0; p < used; ++p)
          ASSERT_EQ(panel[static_cast<std::size_t>(((tap * quads + k / lanes) * panel_pixels + p) * lanes + k % lanes)],
                    code_at(c, codes, channel + k, p, tap))
              << "case " << i;
  }
}

}  // namespace
}  // namespace qeval
