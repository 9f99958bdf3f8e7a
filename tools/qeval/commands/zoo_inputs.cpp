#include "tools/qeval/commands/zoo_inputs.h"

#include <cstdlib>

#include <fmt/core.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace fs = std::filesystem;
namespace {

constexpr const char* split_names[] = {"val", "valid"};

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

fs::path folder_or_nothing(const fs::path& path) { return is_folder(path) ? path : fs::path(); }

fs::path without_slash(const fs::path& folder) {
  const fs::path normal = fs::absolute(folder).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

/// The option, or the variable in its place; empty if neither says anything.
fs::path from_option_or_variable(const Options& options, const char* option, const char* variable) {
  if (options.given(option)) return fs::absolute(options.text(option));
  const char* value = std::getenv(variable);
  return value && *value ? fs::absolute(value) : fs::path();
}

}  // namespace

ZooImages find_zoo_images(const fs::path& folder) {
  const fs::path root = without_slash(folder);
  if (!is_folder(root))
    throw UsageError(fmt::format("zoo: --dataset-path: {} is no folder", visible_name(root.string())));
  ZooImages images;
  for (const char* name : split_names) {
    if (!is_folder(root / name)) continue;
    if (images.is_root)
      throw UsageError(fmt::format("zoo: --dataset-path: {} holds val/ and valid/; give the one that is meant",
                                   visible_name(root.string())));
    images = {root / name, folder_or_nothing(root / "train"), true};
  }
  if (images.is_root) return images;
  images.evaluation = root;
  for (const char* name : split_names)
    if (root.filename() == name) images.calibration = folder_or_nothing(root.parent_path() / "train");
  return images;
}

std::optional<ZooArtifacts> find_zoo_artifacts(const Options& options) {
  const bool asked = options.given("quantized-weights") || options.given("encodings");
  if (options.given("calibration-path")) {
    if (asked)
      throw UsageError(
          "zoo: --calibration-path calibrates, --quantized-weights and --encodings need no calibration; keep one");
    return std::nullopt;
  }
  ZooArtifacts found{from_option_or_variable(options, "quantized-weights", "RESNEXT101_W8A8_STATE_DICT"),
                     from_option_or_variable(options, "encodings", "RESNEXT101_W8A8_ENCODINGS")};
  if (found.state_dict.empty() && found.encodings.empty()) return std::nullopt;
  if (found.state_dict.empty())
    throw UsageError(
        "zoo: these encodings belong to a network of their own; give --quantized-weights FILE too "
        "(resnext101_w8a8_state_dict.pth), or set RESNEXT101_W8A8_STATE_DICT");
  if (found.encodings.empty())
    throw UsageError(
        "zoo: the quantized weights need their encodings; give --encodings FILE too (resnext101_w8a8.encodings), or "
        "set RESNEXT101_W8A8_ENCODINGS");
  return found;
}

fs::path zoo_weights(const Options& options) {
  fs::path weights = from_option_or_variable(options, "weights", "RESNEXT101_WEIGHTS");
  if (weights.empty())
    throw UsageError(
        "zoo: where are the weights? give --weights FILE (torchvision's resnext101_32x8d .pth, or safetensors), or set "
        "RESNEXT101_WEIGHTS; `qeval make-weights resnext101_32x8d --seed 0 -o FILE` makes random ones to try the "
        "speed");
  return weights;
}

}  // namespace qeval
