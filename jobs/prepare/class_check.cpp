#include "jobs/prepare/class_check.h"

#include <algorithm>

#include <fmt/core.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/dataset/imagenet_synsets.h"
#include "stages/dataset/numbered_classes.h"

namespace qeval {
namespace {

/// Why the numbers may differ; begins with ". ".
std::string hint_of_count(const std::vector<std::string>& folders, int outputs) {
  if (const std::string difference = difference_to_imagenet(folders); outputs == 1000 && !difference.empty())
    return ". " + difference;
  if (static_cast<int>(folders.size()) + 1 == outputs)
    return ". If the first output is a background class, list the images in a CSV file with labels from 1 "
           "(dataset.kind: list)";
  return "";
}

void check_folders(const PreparedVariant& v, bool preflight) {
  const std::vector<std::string>& folders = v.images.evaluation.classes;
  const int outputs = v.network.graph.num_classes;
  if (folders.empty()) return;
  const std::string root = visible_name(v.images.evaluation.root.string());
  if (static_cast<int>(folders.size()) != outputs)
    throw InputError(
        fmt::format("{} has {} class folders, but {} has {} outputs; the folders must be the network's "
                    "classes in sorted order{}",
                    root, folders.size(), v.spec.model.arch, outputs, hint_of_count(folders, outputs)));
  if (!preflight || folders.size() != imagenet_synsets().size()) return;
  if (const std::string difference = difference_to_imagenet(folders); !difference.empty())
    throw InputError(fmt::format(
        "{}: {}: every class between them has another class's label; mend the folders, or, if the network was trained "
        "on these, write preflight: off",
        root, difference));
}

}  // namespace

void check_classes(const PreparedVariant& v, bool preflight) {
  check_folders(v, preflight);
  const std::vector<ManifestEntry>& entries = v.images.evaluation.entries;
  const int outputs = v.network.graph.num_classes;
  const auto by_label = [](const ManifestEntry& a, const ManifestEntry& b) { return a.label < b.label; };
  const auto [least, most] = std::minmax_element(entries.begin(), entries.end(), by_label);
  if (most == entries.end() || most->label < outputs) return;
  const bool from_one = least->label == 1 && most->label == outputs;
  throw InputError(
      fmt::format("{}: label {}, but {} has {} outputs{}; correct the list, or model.parameters.num_classes",
                  visible_name(most->name), most->label, v.spec.model.arch, outputs,
                  from_one ? ": labels seem to count from 1, but the first output is class 0" : ""));
}

std::string class_order_text(const VariantImages& images) {
  const std::vector<std::string>& folders = images.evaluation.classes;
  const std::vector<int> order = order_of_numbers(folders);
  for (std::size_t label = 0; label < order.size(); ++label)
    if (order[label] != static_cast<int>(label))
      return fmt::format(
          "note: class folders are sorted as text, so class {} is folder {}: right for a network that was trained on "
          "them in this order, as torchvision's ImageFolder has it, and for no other",
          label, visible_name(folders[label]));
  return "";
}

}  // namespace qeval
