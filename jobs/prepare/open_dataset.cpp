#include "jobs/prepare/open_dataset.h"

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/dataset/even_subset.h"
#include "stages/dataset/text_lines.h"

namespace qeval {
namespace {

Manifest take_subset(const Manifest& all, const SubsetSpec& subset) {
  switch (subset.kind) {
    case SubsetSpec::Kind::all: return all;
    case SubsetSpec::Kind::first: return keep_first(all, subset.count);
    case SubsetSpec::Kind::per_class: return keep_per_class(all, static_cast<int>(subset.count));
    case SubsetSpec::Kind::every: return keep_every(all, subset.count);
    case SubsetSpec::Kind::spread: return keep_spread(all, subset.count);
    case SubsetSpec::Kind::list: return keep_listed(all, subset.list);
  }
  throw InternalError("unknown subset kind");
}

/// A calibration set has what it does not write from the data set.
std::string path_of(const std::string& key, DatasetSection section, const VariantComplaints& complaints) {
  if (section == DatasetSection::evaluation) return "dataset." + key;
  return complaints.written({"quantization.encodings.calibrate." + key, "dataset." + key});
}

std::string subset_path(const SubsetSpec& subset, DatasetSection section) {
  const std::string path =
      section == DatasetSection::evaluation ? "dataset.subset" : "quantization.encodings.calibrate.samples";
  return subset.kind == SubsetSpec::Kind::list ? path + ".list" : path;
}

}  // namespace

void check_dataset(const DatasetSpec& spec, DatasetSection section, VariantComplaints& complaints) {
  if (spec.root.empty()) return;  // an error of the job's text
  const bool is_list = spec.kind == DatasetKind::list;
  complaints.attempt(path_of("root", section, complaints),
                     [&] { is_list ? check_image_list_root(spec.root) : check_image_folder_root(spec.root); });
  if (is_list)
    complaints.attempt(path_of("labels", section, complaints), [&] { check_image_list_header(spec.labels); });
  if (spec.subset.kind == SubsetSpec::Kind::list)
    complaints.attempt(subset_path(spec.subset, section), [&] { read_lines(spec.subset.list); });
}

Manifest open_dataset(const DatasetSpec& spec, DatasetSection section, std::optional<std::int64_t> limit,
                      ImageSets& images, VariantComplaints& complaints) {
  const Manifest* all = nullptr;
  Manifest chosen;
  const std::string source = path_of(spec.kind == DatasetKind::list ? "labels" : "root", section, complaints);
  if (!complaints.attempt(source, [&] { all = &images.listed(spec); })) return {};
  const bool found = complaints.attempt(subset_path(spec.subset, section), [&] {
    chosen = take_subset(*all, spec.subset);
    if (limit) chosen = keep_spread(chosen, *limit);
    if (chosen.entries.empty())
      throw InputError(visible_name(spec.root.string()) + ": no image left to work on; choose more");
  });
  return found && complaints.attempt(source, [&] { images.find_contents(chosen); }) ? chosen : Manifest();
}

}  // namespace qeval
