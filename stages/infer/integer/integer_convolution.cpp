#include "stages/infer/integer/integer_convolution.h"

#include <algorithm>
#include <utility>

#include "stages/infer/integer/layer_weights.h"
#include "stages/infer/integer/panel_packing.h"
#include "stages/infer/kernels/depthwise_kernel.h"
#include "stages/infer/kernels/packed_weights.h"

namespace qeval {
namespace {

/// What stays in the second-level cache: the panels of one go, and the weights that all of them meet in turn.
constexpr std::size_t panel_bytes = 512 * 1024, weight_bytes = 256 * 1024;
/// A group's weights that stay in the first-level cache, beside one panel after the other.
constexpr std::size_t few_weight_bytes = 16 * 1024;

enum ScratchNumber : std::size_t { panel_scratch, sums_scratch };

class IntegerConvolution : public IntegerStep {
 public:
  IntegerConvolution(IntegerLayer layer, DotIsa limit)
      : layer_(std::move(layer)),
        packing_(layer_.input.shape, layer_.output.shape, layer_.window, layer_.zero_code),
        quads_((layer_.inputs_per_group() + lanes - 1) / lanes),
        steps_(packing_.taps() * quads_),
        kernel_(best_dot_kernel(layer_.outputs_per_group(), steps_, limit)),
        panels_of_batch_(layer_.output.shape.pixels(), kernel_.pixels) {
    pack_weights();
    layer_.weight.reset();
    const auto of_tile = static_cast<std::size_t>(kernel_.outputs * steps_ * lanes);
    few_weights_ = of_tile * static_cast<std::size_t>(tiles()) <= few_weight_bytes;
    if (!few_weights_) panels_ = static_cast<int>(std::max<std::size_t>(1, panel_bytes / bytes_of_panel()));
    tiles_ = static_cast<int>(std::max<std::size_t>(1, weight_bytes / of_tile));
  }

  void run(Workspace& workspace) const override {
    const LayerOutput output(layer_, workspace);
    const int pixels = workspace.images() * layer_.output.shape.pixels();
    const int groups = layer_.window.groups, at_once = panels_ * kernel_.pixels;
    auto* panels = workspace.scratch<std::uint8_t>(panel_scratch, bytes_of_panel() * static_cast<std::size_t>(panels_));
    auto* sums = workspace.scratch<std::int32_t>(
        sums_scratch, static_cast<std::size_t>(kernel_.outputs) * static_cast<std::size_t>(kernel_.pixels));
    const auto all_panels = panels_of_batch_.of(packing_, workspace.images());
    kernel_.prepare(weights_.data());
    const auto run_groups = [&](int begin, int end) {
      for (int first = 0; first < pixels; first += at_once)
        for (int group = begin; group < end; ++group)
          run_block(
              workspace, output,
              {first, std::min(at_once, pixels - first), all_panels->data() + first / kernel_.pixels, panels, sums},
              group);
    };
    if (!few_weights_) return run_groups(0, groups);
    for (int group = 0; group < groups; ++group) run_groups(group, group + 1);
  }

 private:
  struct Block {
    int first, used;
    const PanelPacking::Pixels* pixels;
    std::uint8_t* panels;
    std::int32_t* sums;
  };

  std::size_t bytes_of_panel() const {
    return static_cast<std::size_t>(steps_) * static_cast<std::size_t>(kernel_.pixels) * lanes;
  }

  /// One group's behind the other's.
  void pack_weights() {
    std::vector<std::vector<std::byte>> packed;
    std::size_t bytes = 0;
    for (int group = 0; group < layer_.window.groups; ++group) {
      packed.push_back(kernel_.pack(in_panel_order(layer_, group), layer_.outputs_per_group(), steps_));
      group_at_.push_back(bytes);
      bytes += (packed.back().size() + packed_alignment - 1) / packed_alignment * packed_alignment;
    }
    std::byte* memory = weights_.at_least(bytes);
    for (std::size_t group = 0; group < packed.size(); ++group)
      std::copy(packed[group].begin(), packed[group].end(), memory + group_at_[group]);
  }

  int tiles() const { return (layer_.outputs_per_group() + kernel_.outputs - 1) / kernel_.outputs; }

  void run_block(Workspace& workspace, const LayerOutput& output, const Block& block, int group) const {
    const auto count = static_cast<std::size_t>((block.used + kernel_.pixels - 1) / kernel_.pixels);
    const std::uint8_t* input = workspace.codes(layer_.input);
    for (std::size_t i = 0; i < count; ++i)
      pack(input, workspace.images(), block.pixels[i], group, block.panels + i * bytes_of_panel());
    multiply(output, block, group);
  }

  void pack(const std::uint8_t* input, int images, const PanelPacking::Pixels& pixels, int group,
            std::uint8_t* panel) const {
    const int count = layer_.inputs_per_group(), first = group * count;
    const bool whole_quads = first % lanes == 0 && (count % lanes == 0 || layer_.window.groups == 1);
    if (whole_quads)
      packing_.pack(input, images, pixels, first / lanes, quads_, kernel_.pixels, panel);
    else
      packing_.pack_channels(input, images, pixels, first, count, kernel_.pixels, panel);
  }

  void multiply(const LayerOutput& output, const Block& block, int group) const {
    for (int first = 0; first < tiles(); first += tiles_)
      for (int at = 0; at < block.used; at += kernel_.pixels)
        for (int tile = first; tile < std::min(tiles(), first + tiles_); ++tile)
          multiply(output, block, group, tile, at);
  }

  /// One tile of weights with the panel of the pixels from `at` on.
  void multiply(const LayerOutput& output, const Block& block, int group, int tile, int at) const {
    const int outputs = layer_.outputs_per_group(), first = tile * kernel_.outputs;
    const std::byte* weights = weights_.data() + group_at_[static_cast<std::size_t>(group)];
    const std::uint8_t* panel = block.panels + static_cast<std::size_t>(at / kernel_.pixels) * bytes_of_panel();
    const int used = std::min(kernel_.pixels, block.used - at);
    const int channel = group * outputs + first, channels = std::min(kernel_.outputs, outputs - first);
    output.prefetch(channel, channels, block.first + at, used);
    kernel_.run(weights, tile, panel, used, block.sums);
    output.write(block.sums, kernel_.pixels, channel, channels, block.first + at, used);
  }

  IntegerLayer layer_;
  PanelPacking packing_;
  int quads_, steps_;
  const DotKernel& kernel_;
  PanelsOfBatch panels_of_batch_;
  AlignedBytes weights_;
  std::vector<std::size_t> group_at_;  ///< where the weights of every group begin
  int panels_ = 1, tiles_ = 1;         ///< of one go
  bool few_weights_ = false;           ///< one group after the other, of all pixels
};

/// One input channel and one output channel in each group.
class IntegerDepthwise : public IntegerStep {
 public:
  IntegerDepthwise(IntegerLayer layer, DotIsa limit)
      : layer_(std::move(layer)),
        packing_(layer_.input.shape, layer_.output.shape, layer_.window, layer_.zero_code),
        kernel_(best_depthwise_kernel(limit)),
        panels_of_batch_(layer_.output.shape.pixels(), panel_pixels) {
    const int taps = layer_.taps(), channels = layer_.output.shape.channels;
    weights_.resize(static_cast<std::size_t>(layer_.output.shape.quads() * taps * lanes));
    for (int c = 0; c < channels; ++c)
      for (int tap = 0; tap < taps; ++tap)
        weights_[static_cast<std::size_t>((c / lanes * taps + tap) * lanes + c % lanes)] =
            (*layer_.weight)[static_cast<std::size_t>(c * taps + tap)];
    layer_.weight.reset();
  }

  void run(Workspace& workspace) const override {
    const LayerOutput output(layer_, workspace);
    const int taps = layer_.taps(), channels = layer_.output.shape.channels, images = workspace.images();
    auto* panel = workspace.scratch<std::uint8_t>(panel_scratch, static_cast<std::size_t>(taps * panel_pixels * lanes));
    auto* sums = workspace.scratch<std::int32_t>(sums_scratch, std::size_t{panel_pixels} * lanes);
    const std::uint8_t* input = workspace.codes(layer_.input);
    const int pixels = images * layer_.output.shape.pixels();
    const auto all_panels = panels_of_batch_.of(packing_, images);
    for (int first = 0; first < pixels; first += panel_pixels) {
      const int used = std::min(panel_pixels, pixels - first);
      const PanelPacking::Pixels& those = (*all_panels)[static_cast<std::size_t>(first / panel_pixels)];
      for (int quad = 0; quad < layer_.output.shape.quads(); ++quad) {
        packing_.pack(input, images, those, quad, 1, panel_pixels, panel);
        kernel_(weights_.data() + std::ptrdiff_t{quad} * taps * lanes, taps, panel, panel_pixels, sums);
        output.write(sums, panel_pixels, quad * lanes, std::min(lanes, channels - quad * lanes), first, used);
      }
    }
  }

 private:
  static constexpr int panel_pixels = 128;

  IntegerLayer layer_;
  PanelPacking packing_;
  DepthwiseKernel kernel_;
  PanelsOfBatch panels_of_batch_;
  std::vector<std::int8_t> weights_;  ///< [quads][taps][4]
};

}  // namespace

std::unique_ptr<IntegerStep> make_integer_layer(IntegerLayer layer, DotIsa limit) {
  layer.reach = reach_of(layer);
  if (layer.is_depthwise()) return std::make_unique<IntegerDepthwise>(std::move(layer), limit);
  return std::make_unique<IntegerConvolution>(std::move(layer), limit);
}

}  // namespace qeval
