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
  double equal_weight_scales;               ///< share of all encodings of weights whose scale is the same float
  double share_within_a_step, share_equal;  ///< of the logits; equal: to the bit
  int same_class;
};
OracleAgreement agreement(const OracleNetwork& network, const OracleSetting& setting, const QuantizedRun& run);

struct OracleScore {
  OracleSetting setting;
  int top1;  ///< of the 1,000 sample images
};

/// The oracles were made with oneDNN's kernels for AVX-512. Others add in another order; then last bits settle
/// near-ties of the encodings' search otherwise, and now and then move an activation to the next code.
bool has_oracles_kernels();

/// With those kernels all encodings are the oracle's within 1e-4 of their range, and all but one to the bit. (That one
/// is the last layer's, by an ulp: MKL adds in an order that depends on the number of its threads.) Otherwise most.
void expect_oracles_encodings(const OracleAgreement& agreement, int quantizers);
/// With those kernels at least 99.5 % of the logits are within a quantization step, and all 64 classes are the
/// same; with others at least 88 %, and as many classes as given.
void expect_oracles_logits(const OracleAgreement& agreement, int same_class_elsewhere);

}  // namespace qeval::test
