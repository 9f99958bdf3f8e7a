#pragma once
/// The oracles' quantized results, reproduced from our own calibration or from their encodings.
#include <vector>

#include "tests/infer/oracle_networks.h"

namespace qeval::test {

struct OracleSetting {
  const char* name;  ///< of the oracle's files
  QuantScheme scheme;
  bool per_channel;
  bool equalized = false;
};

struct QuantizedRun {
  Graph graph;
  EncodingTable table;
  std::vector<float> logits;
};

/// Calibrated on the network's calibration rows of `images`, all of which are classified.
QuantizedRun run_calibrated(const OracleNetwork& network, const OracleSetting& setting,
                            const std::vector<LabelledImage>& images);

/// Calibration put aside: what is left is the arithmetic of the quantized forward pass.
QuantizedRun run_with_oracle_encodings(const OracleNetwork& network, const OracleSetting& setting,
                                       const std::vector<LabelledImage>& images);

/// How the run compares with the oracle's result of that setting. Logits: of the oracle's 64 images, the run's first.
struct OracleAgreement {
  EncodingComparison encodings;
  double equal_weight_scales;  ///< share of all encodings of weights whose scale is the same float
  double share_within_a_step;
  int same_class;
};
OracleAgreement agreement(const OracleNetwork& network, const OracleSetting& setting, const QuantizedRun& run);

}  // namespace qeval::test
