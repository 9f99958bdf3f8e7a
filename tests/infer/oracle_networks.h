#pragma once
/// The networks that shared/oracle has results of, set up as those results were made.
#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "stages/image/preprocess.h"
#include "stages/model/graph.h"
#include "stages/quant/placement/quantsim_config.h"
#include "tests/infer/oracle_run.h"
#include "tests/support/shared_data.h"

namespace qeval::test {

struct OracleNetwork {
  std::filesystem::path folder;  ///< of the oracle's files
  std::function<Graph()> load;   ///< with its batch norms
  Preprocessor preprocessor;
  std::vector<std::size_t> calibration_rows;  ///< where each batch starts in labels.csv
  std::size_t calibration_batch;

  Graph folded() const;
  Graph equalized() const;
  /// Of the first 64 images.
  Tensor logits(const std::string& name) const;
  /// The five best classes of each image that the oracle classified.
  std::vector<std::array<int, 5>> top5(const std::string& name) const;
  std::filesystem::path encodings(const std::string& name) const;
  /// Encodings of `graph` from those rows of `images`.
  EncodingTable calibrated(const Graph& graph, const QuantRecipe& recipe,
                           const std::vector<LabelledImage>& images) const;
  std::vector<float> classified(const Executor& executor, const Graph& graph,
                                const std::vector<LabelledImage>& images) const;
};

OracleNetwork efficientnet_lite0();
OracleNetwork resnext_tiny();

/// QEVAL_DEMO names the file, or the folder it is in; else the folder demo/ that the quickstart fills.
std::filesystem::path efficientnet_lite0_weights();

/// The oracles' W8A8: aimet-torch-2, one quantizer per call.
QuantRecipe oracle_recipe(QuantScheme scheme, bool per_channel);

}  // namespace qeval::test

#define QEVAL_REQUIRE_LITE0()                                              \
  QEVAL_REQUIRE_SHARED("oracle/efficientnet-lite0");                       \
  if (!std::filesystem::exists(qeval::test::efficientnet_lite0_weights())) \
  GTEST_SKIP() << qeval::test::efficientnet_lite0_weights() << " is not here; tools/quickstart fetches it"
