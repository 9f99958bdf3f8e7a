#pragma once
/// What the model zoo's script takes from its folder of images and from its published artifacts, found on the command
/// line, in the environment and in the file system. Thread-safety: free functions; read the environment.
/// Errors: UsageError that names the option to give.
#include <filesystem>
#include <optional>

#include "tools/qeval/commands/options.h"

namespace qeval {

struct ZooImages {
  std::filesystem::path evaluation;   ///< holds the class folders
  std::filesystem::path calibration;  ///< holds those of train/; empty: there is none
  bool is_root = false;               ///< --dataset-path holds val/ or valid/, and not the class folders themselves
};

/// `folder` as the zoo means it, the folder of the class folders, or one that holds val/ or valid/ beside train/.
ZooImages find_zoo_images(const std::filesystem::path& folder);

/// The network that the zoo quantized, its batch norms folded, and the encodings that it published.
struct ZooArtifacts {
  std::filesystem::path state_dict, encodings;
};

/// --quantized-weights and --encodings, or RESNEXT101_W8A8_STATE_DICT and RESNEXT101_W8A8_ENCODINGS, unless
/// --calibration-path says what is meant. None without either; one without the other is an error.
std::optional<ZooArtifacts> find_zoo_artifacts(const Options& options);

/// --weights or RESNEXT101_WEIGHTS.
std::filesystem::path zoo_weights(const Options& options);

}  // namespace qeval
