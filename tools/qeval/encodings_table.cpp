#include "tools/qeval/encodings_table.h"

#include <fmt/core.h>

#include "stages/quant/aimet_number_grid.h"
#include "tools/qeval/encoding_records.h"

namespace qeval {
namespace {

struct Place {
  std::string channel, block;
};

/// Of blocks whose grid is not known only the number.
Place place_of(const EncodingRecord& e) {
  if (e.channel < 0) return {};
  if (e.grid.empty()) return {std::to_string(e.channel), ""};
  const std::vector<std::int64_t> at = place_in_grid(e.channel, parse_grid(e.grid));
  const auto axis = static_cast<std::size_t>(e.axis);
  return {std::to_string(at.at(axis)), std::to_string(at.at(1 - axis))};
}

}  // namespace

Table encodings_table(const std::vector<EncodingRecord>& rows) {
  Table table;
  table.columns = {"tensor", "channel", "block", "bits", "symmetric", "min", "max", "scale", "offset"};
  for (const EncodingRecord& e : rows) {
    const auto [channel, block] = place_of(e);
    table.rows.push_back({e.tensor, channel, block, std::to_string(e.bits), e.symmetric ? "yes" : "no",
                          fmt::format("{}", e.min), fmt::format("{}", e.max), fmt::format("{}", e.scale),
                          fmt::format("{}", e.offset)});
  }
  return table;
}

}  // namespace qeval
