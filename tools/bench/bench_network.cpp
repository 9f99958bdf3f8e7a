#include "tools/bench/bench_network.h"

#include <random>

#include "pipeline/base/errors.h"
#include "stages/model/arch/arch.h"
#include "stages/quant/files/aimet_encodings.h"
#include "stages/quant/fold_batch_norm.h"

namespace qeval::bench {

Graph load_network(const std::string& arch, const std::string& weights) {
  StateDict state;
  if (weights.empty())
    state.tensors = random_weights(arch, {}, 1);
  else
    state = read_state_dict(weights);
  Graph graph = build_graph(arch, {}, state);
  fold_batch_norm(graph, NumericsMode::aimet_1_24);
  return graph;
}

QuantRecipe recipe_of(const std::string& mode) {
  const auto known = parse_mode(mode);
  if (!known) throw UsageError("unknown mode '" + mode + "'");
  QuantRecipe recipe;
  recipe.mode = *known;
  recipe.share_module_quantizers = false;
  return recipe;
}

std::vector<float> synthetic_images(const Graph& graph, int batch_size) {
  const auto [channels, height, width] = graph.input_shape;
  std::vector<float> images(static_cast<std::size_t>(batch_size) * channels * height * width);
  std::mt19937 generator(1);
  for (float& value : images) value = static_cast<float>(generator() % 4096) / 1024.0f - 2.0f;
  return images;
}

EncodingTable encodings_from_file(const Graph& graph, const std::string& file) {
  EncodingMap usable = usable_encodings(graph, read_encodings_file(file));
  EncodingTable table;
  for (const Quantizer& quantizer : graph.quantizers) {
    const auto found = usable.find(quantizer.key());
    if (found == usable.end())
      throw InputError(file + " has no encoding for " + quantizer.key() + "; export it for this network and mode");
    table.push_back(std::move(found->second));
  }
  return table;
}

}  // namespace qeval::bench
