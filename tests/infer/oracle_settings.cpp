#include "tests/infer/oracle_settings.h"

#include "stages/infer/executor_library.h"

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
  return {compare_encodings(run.graph, run.table, read_oracle_encodings(network.encodings(setting.name))),
          share_within_a_step(run.logits, logits, run.graph, run.table), count_same_class(run.logits, logits)};
}

}  // namespace qeval::test
