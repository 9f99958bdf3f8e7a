#include "jobs/prepare/sample_records.h"

namespace qeval {

std::vector<SampleRecord> sample_records(const Manifest& manifest) {
  std::vector<SampleRecord> records;
  for (const ManifestEntry& entry : manifest.entries) {
    SampleRecord record{entry.name, entry.label, entry.file.bytes};
    if (entry.content == ImageContent::read) record.sha256.assign(entry.sha256.begin(), entry.sha256.end());
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace qeval
