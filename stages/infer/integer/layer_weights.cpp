#include "stages/infer/integer/layer_weights.h"

#include "stages/infer/kernels/dot_kernel.h"

namespace qeval {

std::vector<std::int8_t> in_panel_order(const IntegerLayer& layer, int group) {
  const int inputs = layer.inputs_per_group(), outputs = layer.outputs_per_group(), taps = layer.taps();
  const int quads = (inputs + lanes - 1) / lanes;
  std::vector<std::int8_t> ordered(static_cast<std::size_t>(outputs * taps * quads * lanes));
  const std::int8_t* from = layer.weight->data() + std::ptrdiff_t{group} * outputs * inputs * taps;
  for (int o = 0; o < outputs; ++o)
    for (int i = 0; i < inputs; ++i)
      for (int tap = 0; tap < taps; ++tap)
        ordered[static_cast<std::size_t>(((o * taps + tap) * quads + i / lanes) * lanes + i % lanes)] = *from++;
  return ordered;
}

std::int64_t saturating_pairs_of(IntegerLayer layer, const CodeShape& input, const CodeShape& output) {
  layer.input.shape = input;
  layer.output.shape = output;
  if (layer.is_depthwise()) return 0;  // nobody adds there before widening
  std::int64_t pairs = 0;
  for (int group = 0; group < layer.window.groups; ++group) pairs += saturating_pairs(in_panel_order(layer, group));
  return pairs;
}

}  // namespace qeval
