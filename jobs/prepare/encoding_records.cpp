#include "jobs/prepare/encoding_records.h"

#include <cmath>
#include <limits>
#include <set>
#include <sstream>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/tensor_slices.h"

namespace qeval {

const char* role_name(QuantizerRole role) {
  switch (role) {
    case QuantizerRole::param: return "param";
    case QuantizerRole::input: return "input";
    case QuantizerRole::output: return "output";
  }
  throw InternalError("unknown quantizer role");
}

QuantizerRole parse_role(const std::string& name) {
  for (const QuantizerRole role : {QuantizerRole::param, QuantizerRole::input, QuantizerRole::output})
    if (name == role_name(role)) return role;
  throw InternalError("no quantizer role " + name);
}

std::string grid_text(const std::vector<std::int64_t>& grid) { return fmt::format("{}", fmt::join(grid, "x")); }

std::vector<std::int64_t> parse_grid(const std::string& text) {
  std::vector<std::int64_t> grid;
  std::istringstream stream(text);
  for (std::string size; std::getline(stream, size, 'x');) grid.push_back(std::stoll(size));
  return grid;
}

EncodingRecord record_of(const Encoding& encoding) {
  EncodingRecord record;
  record.bits = encoding.bits;
  record.symmetric = encoding.symmetric;
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  record.min = encoding.float16 ? nothing : encoding.min;
  record.max = encoding.float16 ? nothing : encoding.max;
  record.scale = encoding.float16 ? nothing : encoding.scale;
  record.offset = encoding.float16 ? nothing : encoding.offset;
  return record;
}

Encoding encoding_of(const EncodingRecord& r) {
  const bool has_numbers = !std::isnan(r.min) || !std::isnan(r.max) || !std::isnan(r.scale) || !std::isnan(r.offset);
  if (!has_numbers && r.bits == float16_encoding.bits) return float16_encoding;
  return {r.min, r.max, r.scale, r.offset, r.bits, r.symmetric, false};
}

namespace {

/// The rows of one quantizer under `name`. Its side, which a tensor's name does not say, is the quantizer's.
void add_records(const Quantizer& quantizer, const std::string& name, const EncodingList& encodings,
                 const std::string& grid, std::vector<EncodingRecord>& records) {
  const ModuleSide side = side_of(name);
  const bool is_side = quantizer.role != QuantizerRole::param && !side.module.empty();
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    EncodingRecord record = record_of(encodings[i]);
    record.role = is_side ? side.side : role_name(file_role(quantizer));
    record.tensor = name;
    record.layer = is_side ? side.module : quantizer.module;
    record.channel = quantizer.per_channel ? static_cast<int>(i) : -1;
    record.axis = quantizer.per_channel ? file_axis(quantizer) : 0;
    record.block_size = quantizer.block_size;
    record.grid = grid;
    records.push_back(std::move(record));
  }
}

}  // namespace

std::vector<EncodingRecord> encoding_records(const Graph& graph, const EncodingTable& encodings) {
  std::vector<EncodingRecord> records;
  std::set<std::string> names;
  for (std::size_t q = 0; q < encodings.size(); ++q) {
    const Quantizer& quantizer = graph.quantizers[q];
    const std::string grid =
        quantizer.block_size == 0 ? "" : grid_text(parameter_slices(graph, static_cast<int>(q)).grid());
    for (const std::string& name : file_names(quantizer))
      if (names.insert(name).second) add_records(quantizer, name, encodings[q], grid, records);
  }
  return records;
}

EncodingMap encoding_map(const std::vector<EncodingRecord>& records) {
  EncodingMap map;
  for (const EncodingRecord& r : records) map[r.tensor].push_back(encoding_of(r));
  return map;
}

EncodingMap encoding_map(const Graph& graph, const EncodingTable& encodings) {
  EncodingMap map;
  for (std::size_t q = 0; q < encodings.size(); ++q)
    if (!encodings[q].empty()) map[graph.quantizers[q].key()] = encodings[q];
  return map;
}

EncodingTable encoding_table(const Graph& graph, const EncodingMap& encodings) {
  EncodingTable table(graph.quantizers.size());
  for (std::size_t q = 0; q < table.size(); ++q) {
    if (const EncodingList* const found = find_encodings(encodings, graph.quantizers[q]))
      table[q] = *found;
    else if (graph.quantizers[q].float16)
      table[q] = {float16_encoding};
  }
  return table;
}

}  // namespace qeval
