#pragma once
/// What is done to images and to the network, as far as the job alone decides it. Plain values.
#include <optional>
#include <string>

#include "jobs/language/identity.h"
#include "stages/image/preprocess.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval {

/// A way to change layers on the calibration images before anything is calibrated (jobs/run/layer_tuning.h).
struct LayerTuning {
  static constexpr const char* adaround = "adaround/1";
  static constexpr const char* empirical = "empirical/1";
  std::string method;  ///< one of these; part of keys

  bool rounds() const { return method == adaround; }
  std::string title() const { return rounds() ? "AdaRound" : "bias correction"; }
};

struct VariantRecipe {
  PreprocessRecipe preprocess;
  std::optional<QuantRecipe> quant;
  std::optional<LayerTuning> tuning;  ///< what images change in the network
  KeyComponents fixed_encodings;      ///< identity of the files that encodings were read from
  int batch_size = 1;
  int calibration_batch_size = 1;
};

}  // namespace qeval
