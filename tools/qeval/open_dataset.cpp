#include "tools/qeval/open_dataset.h"

#include "pipeline/errors.h"
#include "pipeline/visible_text.h"

namespace qeval {
namespace {

Manifest take_subset(const Manifest& all, const SubsetSpec& subset) {
  switch (subset.kind) {
    case SubsetSpec::Kind::all: return all;
    case SubsetSpec::Kind::first: return keep_first(all, subset.count);
    case SubsetSpec::Kind::per_class: return keep_per_class(all, static_cast<int>(subset.count));
    case SubsetSpec::Kind::list: return keep_listed(all, subset.list);
  }
  throw InternalError("unknown subset kind");
}

}  // namespace

Manifest open_dataset(const DatasetSpec& spec, std::optional<std::int64_t> limit) {
  const Manifest all =
      spec.kind == "list" ? read_image_list(spec.labels, spec.root) : scan_image_folder(spec.root);
  Manifest chosen = take_subset(all, spec.subset);
  if (limit) chosen = keep_first(chosen, *limit);
  if (chosen.entries.empty()) 
    throw InputError(visible_name(spec.root.string()) + ": no image left to work on; check dataset.subset");
  return chosen;
}

}  // namespace qeval
