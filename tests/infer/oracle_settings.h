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
  double share_within_a_step, share_equal;  ///< of the logits; equal: to the bit
  int same_class;
};
OracleAgreement agreement(const OracleNetwork& network, const OracleSetting& setting, const QuantizedRun& run);

struct OracleScore {
  OracleSetting setting;
  int top1;  ///< of the 1,000 sample images
};

/// The oracles were made with oneDNN's kernels for AVX-512. Others add in another order; then last bits settle near-ties of
/// the encodings' search otherwise, and now and then move an activation to the next code.
bool has_oracles_kernels();

/// Those kernels, and weights that are the oracle's to the bit. Equalized ones are not: AIMET takes the cube root of a
/// depthwise triple's ranges with numpy, whose kernel for AVX-512 rounds every fourth one otherwise than powf.
bool has_oracles_bits(const OracleSetting& setting);

/// `same_bits`: all encodings are the oracle's within 1e-4 of their range, and all but one to the bit. (That one is the last
/// layer's, by an ulp: MKL adds in an order that depends on the number of its threads.) Otherwise most.
void expect_oracles_encodings(const OracleAgreement& agreement, int quantizers, bool same_bits);
/// `same_bits`: at least 99.5 % of the logits within a quantization step, and the same classes. Otherwise most.
void expect_oracles_logits(const OracleAgreement& agreement, bool same_bits);

}  // namespace qeval::test
