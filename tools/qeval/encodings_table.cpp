#include "tools/qeval/encodings_table.h"

#include <fmt/core.h>

namespace qeval {

Table encodings_table(const std::vector<EncodingRecord>& rows) {
  Table table;
  table.columns = {"tensor", "channel", "bits", "symmetric", "min", "max", "scale", "offset"};
  for (const EncodingRecord& e : rows)
    table.rows.push_back({e.tensor, e.channel < 0 ? "" : std::to_string(e.channel), std::to_string(e.bits),
                          e.symmetric ? "yes" : "no", fmt::format("{}", e.min), fmt::format("{}", e.max),
                          fmt::format("{}", e.scale), fmt::format("{}", e.offset)});
  return table;
}

}  // namespace qeval
