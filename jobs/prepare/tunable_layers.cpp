#include "jobs/prepare/tunable_layers.h"

#include <fmt/core.h>

#include "stages/quant/pass_report.h"

namespace qeval {
namespace {

CorrectableLayers layers_with_encodings(const PreparedVariant& v) {
  return correctable_layers(v.network.graph, [&](int quantizer) {
    return v.calibrates() ||
           v.network.fixed_encodings.count(v.network.graph.quantizers[static_cast<std::size_t>(quantizer)].key()) != 0;
  });
}

/// Half precision has no grid.
CorrectableLayers layers_on_grids(const PreparedVariant& v) {
  CorrectableLayers all = layers_with_encodings(v), layers{{}, std::move(all.left)};
  for (const std::size_t index : all.nodes) {
    const Node& node = v.network.graph.nodes[index];
    if (v.network.graph.quantizers[static_cast<std::size_t>(node.weight_quantizer)].float16)
      layers.left.push_back({node.name, "half precision"});
    else
      layers.nodes.push_back(index);
  }
  return layers;
}

}  // namespace

CorrectableLayers tunable_layers(const PreparedVariant& v) {
  return v.recipe.tuning->rounds() ? layers_on_grids(v) : layers_with_encodings(v);
}

std::size_t layers_to_tune(const PreparedVariant& v) { return tunable_layers(v).nodes.size(); }

std::vector<std::string> tuning_remarks(const PreparedVariant& v) {
  if (!v.recipe.tuning) return {};
  const CorrectableLayers layers = tunable_layers(v);
  const std::string done = v.recipe.tuning->rounds() ? "learned rounding" : "corrected";
  if (layers.left.empty())
    return {fmt::format("{}: {} (all {} layers with weights)", v.recipe.tuning->title(), done, layers.nodes.size())};
  return pass_remarks(v.recipe.tuning->title(), done, layers.names(v.network.graph), layers.left);
}

}  // namespace qeval
