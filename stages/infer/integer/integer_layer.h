#pragma once
/// What convolutions and linear layers on codes have in common: their whole-number weights and what becomes of a sum.
/// Thread-safety: plain values. Errors: none.
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "stages/infer/integer/integer_step.h"
#include "stages/infer/integer/requantize.h"
#include "stages/model/graph.h"

namespace qeval {

struct IntegerLayer {
  Slot input, output;                                      ///< output.number −1: to the logits
  Window window;                                           ///< linear: of one pixel
  std::shared_ptr<const std::vector<std::int8_t>> weight;  ///< as the node's: [outputs][inputs of a group][kernel]
  std::uint8_t zero_code = 0;                              ///< of the input
  ChannelScales channels;
  std::optional<Slot> summand;
  CodeMeaning summand_meaning;
  std::optional<MiddleGrid> middle;  ///< of a layer with a summand
  Limits limits;
  QdqParameters grid;  ///< of the output, unless it goes to the logits
  Reach reach;         ///< reach_of this, when it becomes a step

  int outputs_per_group() const { return output.shape.channels / window.groups; }
  int inputs_per_group() const { return input.shape.channels / window.groups; }
  int taps() const { return window.kernel[0] * window.kernel[1]; }
  /// Each of its tiles of outputs begins with a quad.
  bool has_whole_quads() const { return window.groups == 1 || outputs_per_group() % lanes == 0; }
  /// One input channel and one output channel in each group.
  bool is_depthwise() const { return window.groups > 1 && inputs_per_group() == 1 && outputs_per_group() == 1; }
};

Reach reach_of(const IntegerLayer& layer);

/// Turns rows of sums into the layer's output, of the pixels first … first + used − 1 of the batch.
class LayerOutput {
 public:
  LayerOutput(const IntegerLayer& layer, Workspace& workspace);
  /// Calls what write will need into the cache, from as far away as memory: worth it once, before its sums are made.
  void prefetch(int first_channel, int rows, int first_pixel, int used) const;
  /// sums: s32 [rows][pitch], pitch a multiple of 16, of the channels first_channel … first_channel + rows − 1.
  void write(const std::int32_t* sums, int pitch, int first_channel, int rows, int first_pixel, int used) const;

 private:
  std::ptrdiff_t place(int channel, int pixel) const;
  void write_quads(SumRows rows, int first_pixel) const;
  void write_lanes(const SumRows& rows, int first_pixel) const;

  const IntegerLayer& layer_;
  Requantizer requantizer_;
  std::ptrdiff_t plane_;
  std::uint8_t* codes_ = nullptr;
  const std::uint8_t* summand_ = nullptr;
  std::span<float> logits_;
};

}  // namespace qeval
