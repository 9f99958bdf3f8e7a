#include "tools/qeval/encoding_records.h"

#include "pipeline/errors.h"

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

std::vector<EncodingRecord> encoding_records(const Graph& graph, const EncodingTable& encodings) {
  std::vector<EncodingRecord> records;
  for (std::size_t q = 0; q < encodings.size(); ++q) {
    const Quantizer& quantizer = graph.quantizers[q];
    for (std::size_t i = 0; i < encodings[q].size(); ++i) {
      const Encoding& e = encodings[q][i];
      records.push_back({role_name(quantizer.role), quantizer.key(), quantizer.module,
                         quantizer.per_channel ? static_cast<int>(i) : -1, e.bits, e.symmetric, e.min, e.max, e.scale,
                         e.offset});
    }
  }
  return records;
}

EncodingMap encoding_map(const std::vector<EncodingRecord>& records) {
  EncodingMap map;
  for (const EncodingRecord& r : records)
    map[r.tensor].push_back({r.min, r.max, r.scale, r.offset, r.bits, r.symmetric});
  return map;
}

EncodingTable encoding_table(const Graph& graph, const EncodingMap& encodings) {
  EncodingTable table(graph.quantizers.size());
  for (std::size_t q = 0; q < table.size(); ++q) {
    if (const EncodingList* const found = find_encodings(encodings, graph.quantizers[q])) table[q] = *found;
  }
  return table;
}

}  // namespace qeval
