#include "tools/qeval/commands/encoding_sets.h"

#include <algorithm>
#include <tuple>

#include "jobs/language/identity.h"
#include "jobs/prepare/encoding_records.h"
#include "jobs/run/stored_content.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/sha256.h"

namespace qeval {
namespace {

// Names of key components. As stored: never rename.
constexpr const char* file_version_key = "file_version";
constexpr const char* excluded_layers_key = "excluded_layers";
constexpr const char* quantizer_args_key = "quantizer_args";

std::string module_of(const EncodingEntry& entry) {
  return entry.role == QuantizerRole::param ? entry.name.substr(0, entry.name.rfind('.')) : module_of_side(entry.name);
}

/// Whatever the order.
std::string content_of(std::vector<EncodingRecord> rows) {
  std::sort(rows.begin(), rows.end(), [](const EncodingRecord& a, const EncodingRecord& b) {
    return std::tie(a.role, a.tensor, a.channel) < std::tie(b.role, b.tensor, b.channel);
  });
  Sha256 hash;
  for (const EncodingRecord& row : rows) {
    hash.add(row.role).add(row.tensor).add(std::int64_t{row.channel}).add(std::int64_t{row.axis});
    hash.add(std::int64_t{row.bits}).add(std::int64_t{row.symmetric});
    hash.add(row.min).add(row.max).add(row.scale).add(row.offset);
    // Only where it counts, so that the keys of other stored sets stay as they are.
    if (row.block_size != 0) hash.add(std::int64_t{row.block_size}).add(row.grid);
  }
  return hash.hex();
}

}  // namespace

std::vector<EncodingRecord> records_of_file(const EncodingsFile& file) {
  std::vector<EncodingRecord> rows;
  for (const EncodingEntry& entry : file.entries) {
    for (std::size_t i = 0; i < entry.list.size(); ++i) {
      EncodingRecord row = record_of(entry.list[i]);
      row.role = role_name(entry.role);
      row.tensor = entry.name;
      row.layer = module_of(entry);
      row.channel = entry.per_channel ? static_cast<int>(i) : -1;
      row.axis = entry.axis;
      row.block_size = entry.block_size;
      row.grid = grid_text(entry.grid);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

EncodingSetRecord set_of_file(const EncodingsFile& file, const std::filesystem::path& source, const std::string& name) {
  EncodingSetRecord set;
  set.name = name;
  set.origin = "imported";
  set.source_path = std::filesystem::absolute(source).string();
  set.encodings = records_of_file(file);
  set.key_components = {{"content_sha256", content_of(set.encodings)},
                        {file_version_key, file.version},
                        {excluded_layers_key, file.excluded_layers},
                        {quantizer_args_key, file.quantizer_args}};
  set.cache_key = make_key(set.key_components);
  return set;
}

EncodingsFile file_of_set(const EncodingSetRecord& set, const std::filesystem::path& database) {
  require_whole_key(database, "encoding set " + set.name, set.cache_key, set.key_components);
  EncodingsFile file;
  const auto component = [&](const char* name, std::string& value) {
    if (const auto found = set.key_components.find(name); found != set.key_components.end()) value = found->second;
  };
  component(file_version_key, file.version);
  component(excluded_layers_key, file.excluded_layers);
  component(quantizer_args_key, file.quantizer_args);
  for (const EncodingRecord& row : set.encodings) {
    // Until schema version 6 blocks were numbered in another order where the channels lie on axis 1.
    if (row.block_size != 0 && row.grid.empty() && row.axis != 0)
      throw UsageError(row.tensor + " has encodings per block that an older qeval stored; run the job again");
    const bool follows = !file.entries.empty() && file.entries.back().name == row.tensor && row.channel > 0;
    if (!follows)
      file.entries.push_back({row.tensor,
                              parse_role(row.role),
                              row.channel >= 0,
                              row.axis,
                              file.version.front() == '2',
                              row.block_size,
                              parse_grid(row.grid),
                              {}});
    file.entries.back().list.push_back(encoding_of(row));
  }
  return file;
}

}  // namespace qeval
