#include "tools/qeval/text/encodings_table.h"

#include "jobs/prepare/encoding_records.h"
#include "stages/quant/files/aimet_number_grid.h"

namespace qeval {
namespace {

struct Place {
  Cell channel, block;
};

/// Of blocks whose grid is not known only the number.
Place place_of(const EncodingRecord& e) {
  if (e.channel < 0) return {};
  if (e.grid.empty()) return {e.channel, {}};
  const std::vector<std::int64_t> at = place_in_grid(e.channel, parse_grid(e.grid));
  const auto axis = static_cast<std::size_t>(e.axis);
  return {at.at(axis), at.at(1 - axis)};
}

}  // namespace

Table encodings_table(const std::vector<EncodingRecord>& rows) {
  Table table;
  table.columns = {"tensor", "channel", "block", "bits", "symmetric", "min", "max", "scale", "offset"};
  for (const EncodingRecord& e : rows) {
    const auto [channel, block] = place_of(e);
    table.rows.push_back(
        {e.tensor, channel, block, e.bits, e.symmetric ? "yes" : "no", e.min, e.max, e.scale, e.offset});
  }
  return table;
}

}  // namespace qeval
