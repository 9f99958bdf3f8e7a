// integer_coverage: how much of every architecture the executor "integer" computes on codes, with random weights and
// made-up ranges of activations, and which nodes keep the others from it.
#include <cstdio>
#include <iostream>
#include <map>
#include <string>

#include "pipeline/base/errors.h"
#include "stages/infer/integer/integer_network.h"
#include "stages/model/arch/arch.h"
#include "stages/quant/calibration.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/placement/quantsim_config.h"
#include "stages/quant/placement/split_silu.h"

namespace qeval::bench {
namespace {

bool is_never_negative(Op op) {
  return op == Op::relu || op == Op::relu6 || op == Op::sigmoid || op == Op::hard_sigmoid || op == Op::max_pool;
}

Encoding made_up(const Quantizer& quantizer, bool never_negative) {
  const double levels = std::ldexp(1.0, quantizer.bits) - 1, range = 6, scale = range / levels;
  const double offset = never_negative ? 0 : -std::ldexp(1.0, quantizer.bits - 1);
  return {scale * offset, scale * (offset + levels), scale, offset, quantizer.bits, quantizer.symmetric};
}

/// Everything on.
EncodingTable encodings_for(const Graph& graph, const QuantRecipe& recipe) {
  EncodingTable table = encodings_without_images(graph, recipe);
  std::vector<bool> never_negative(table.size(), false);
  for (const Node& node : graph.nodes)
    if (node.output_quantizer >= 0)
      never_negative[static_cast<std::size_t>(node.output_quantizer)] = is_never_negative(node.op);
  for (std::size_t q = 0; q < table.size(); ++q)
    if (table[q].empty() && graph.quantizers[q].role != QuantizerRole::param)
      table[q] = {made_up(graph.quantizers[q], never_negative[q])};
  return table;
}

void print_coverage(const std::string& arch, NumericsMode mode) {
  StateDict state;
  state.tensors = random_weights(arch, {}, 1);
  Graph graph = build_graph(arch, {}, state);
  fold_batch_norm(graph, mode);
  QuantRecipe recipe;
  recipe.mode = mode;
  recipe.share_module_quantizers = false;
  split_silu(graph, recipe);
  place_quantizers(graph, recipe);
  const IntegerPlan plan = plan_integers(graph, encodings_for(graph, recipe), mode);
  std::map<std::string, std::pair<int, std::string>> reasons;
  for (const auto& [node, reason] : plan.float_nodes) {
    auto& [count, example] = reasons[reason];
    if (count++ == 0) example = node;
  }
  std::printf("%-20s %-14s %s, %5.1f %% of the products\n", arch.c_str(), mode_name(mode),
              plan.network ? "integers" : "floats  ",
              100.0 * static_cast<double>(plan.integer_products) / static_cast<double>(plan.products));
  for (const auto& [reason, nodes] : reasons)
    std::printf("    %4d × %s (%s)\n", nodes.first, reason.c_str(), nodes.second.c_str());
  std::fflush(stdout);
}

}  // namespace
}  // namespace qeval::bench

/// Names of architectures; none: all.
int main(int argc, char** argv) {
  using namespace qeval;
  try {
    std::vector<std::string> archs(argv + 1, argv + argc);
    if (archs.empty()) archs = arch_names();
    for (const std::string& arch : archs)
      for (const NumericsMode mode :
           {NumericsMode::aimet_torch_2, NumericsMode::aimet_1_24, NumericsMode::aimet_onnx_2})
        bench::print_coverage(arch, mode);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "integer_coverage: " << error.what() << '\n';
    return 2;
  }
}
