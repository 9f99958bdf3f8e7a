#include "tests/infer/oracle_settings.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval::test {
namespace {

Graph placed(const OracleNetwork& network, const OracleSetting& setting) {
  Graph graph = setting.equalized ? network.equalized() : network.folded();
  place_quantizers(graph, oracle_recipe(setting.scheme, setting.per_channel));
  return graph;
}

QuantizedRun classified(const OracleNetwork& network, Graph graph, EncodingTable table,
                        const std::vector<LabelledImage>& images) {
  const auto executor = make_executor(graph, table, {"simulated", "cpu", NumericsMode::aimet_torch_2});
  std::vector<float> logits = network.classified(*executor, graph, images);
  return {std::move(graph), std::move(table), std::move(logits)};
}

double equal_weight_scales(const Graph& graph, const EncodingTable& ours, const EncodingTable& theirs) {
  std::size_t equal = 0, all = 0;
  for (std::size_t q = 0; q < ours.size(); ++q) {
    if (graph.quantizers[q].role != QuantizerRole::param) continue;
    all += theirs[q].size();
    for (std::size_t i = 0; i < std::min(ours[q].size(), theirs[q].size()); ++i)
      equal += static_cast<float>(ours[q][i].scale) == static_cast<float>(theirs[q][i].scale);
  }
  return static_cast<double>(equal) / static_cast<double>(all);
}

}  // namespace

QuantizedRun run_calibrated(const OracleNetwork& network, const OracleSetting& setting,
                            const std::vector<LabelledImage>& images) {
  Graph graph = placed(network, setting);
  EncodingTable table = network.calibrated(graph, oracle_recipe(setting.scheme, setting.per_channel), images);
  return classified(network, std::move(graph), std::move(table), images);
}

QuantizedRun run_with_oracle_encodings(const OracleNetwork& network, const OracleSetting& setting,
                                       const std::vector<LabelledImage>& images) {
  Graph graph = placed(network, setting);
  EncodingTable table = read_oracle_table(graph, network.encodings(setting.name));
  return classified(network, std::move(graph), std::move(table), images);
}

OracleAgreement agreement(const OracleNetwork& network, const OracleSetting& setting, const QuantizedRun& run) {
  const Tensor logits = network.logits(setting.name);
  const auto file = network.encodings(setting.name);
  return {compare_encodings(run.graph, run.table, read_oracle_encodings(file)),
          equal_weight_scales(run.graph, run.table, read_oracle_table(run.graph, file)),
          share_within_a_step(run.logits, logits, run.graph, run.table), share_equal(run.logits, logits),
          count_same_class(run.logits, logits)};
}

bool has_oracles_kernels() { return active_isa() == Isa::avx512; }

void expect_oracles_encodings(const OracleAgreement& agreement, int quantizers) {
  const EncodingComparison& encodings = agreement.encodings;
  testing::Test::RecordProperty("bit_equal_encodings", encodings.bit_equal);
  EXPECT_EQ(encodings.quantizers, quantizers) << encodings.text();
  EXPECT_TRUE(encodings.only_in_oracle.empty()) << encodings.text();
  const bool same_bits = has_oracles_kernels();
  EXPECT_GE(encodings.equal, same_bits ? quantizers : quantizers - quantizers / 24) << encodings.text();
  EXPECT_GE(encodings.bit_equal, same_bits ? quantizers - 1 : quantizers / 3) << encodings.text();
  EXPECT_GE(agreement.equal_weight_scales, same_bits ? 1.0 : 0.99);
}

void expect_oracles_logits(const OracleAgreement& agreement, int same_class_elsewhere) {
  testing::Test::RecordProperty("logits_within_a_step", std::to_string(agreement.share_within_a_step));
  testing::Test::RecordProperty("equal_logits", std::to_string(agreement.share_equal));
  testing::Test::RecordProperty("same_class", agreement.same_class);
  EXPECT_GE(agreement.share_within_a_step, has_oracles_kernels() ? 0.995 : 0.88);
  EXPECT_GE(agreement.same_class, has_oracles_kernels() ? 64 : same_class_elsewhere);
}

}  // namespace qeval::test
