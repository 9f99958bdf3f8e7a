#include "jobs/report/stored_sensitivity.h"

#include <map>
#include <string>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

/// Of what a network computes with an image; an analysis mostly sees fewer images.
std::map<std::string, std::string> network_components(std::map<std::string, std::string> components) {
  for (const char* of_images : {"manifest", "batch_size", "sensitivity"}) components.erase(of_images);
  return components;
}

GroupKind group_kind_of(const std::string& name) {
  for (const GroupKind kind : {GroupKind::weights, GroupKind::activations})
    if (name == group_kind_name(kind)) return kind;
  throw InternalError("no kind of quantizer group is named " + name);
}

SensitivityResult result_of(const SensitivityRecord& record, std::vector<SensitivityRow> sums) {
  SensitivityResult result;
  result.mode = parse_sensitivity_mode(record.mode);
  result.plain = sums.at(0);
  result.quantized = sums.at(1);
  result.rows.assign(sums.begin() + 2, sums.end());
  for (std::size_t g = 2; g < record.groups.size(); ++g) {
    const SensitivityGroupRecord& group = record.groups[g];
    result.groups.push_back({group.layer, group_kind_of(group.kind), {}, 0, group.shared_with});
  }
  return result;
}

}  // namespace

std::vector<MeasuredSensitivity> sensitivities_of(Queries& queries, const RunRecord& run) {
  std::vector<MeasuredSensitivity> measured;
  const auto wanted = network_components(run.key_components);
  for (const StoredSensitivity& stored : queries.sensitivities()) {
    const SensitivityRecord& record = stored.record;
    if (stored.batches_done == 0 || network_components(record.key_components) != wanted) continue;
    const std::int64_t batches = (record.n_images + record.batch_size - 1) / record.batch_size;
    measured.push_back(
        {result_of(record, queries.sensitivity_sums(stored.id)), record.n_images, batches - stored.batches_done});
  }
  return measured;
}

}  // namespace qeval
