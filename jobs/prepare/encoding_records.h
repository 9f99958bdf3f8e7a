#pragma once
/// Encodings between their three forms: rows of the database, maps by quantizer key, tables by quantizer number.
/// Thread-safety: free functions.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/files/aimet_encodings.h"
#include "storage/records.h"

namespace qeval {

/// As stored: never rename.
const char* role_name(QuantizerRole role);
QuantizerRole parse_role(const std::string& name);

/// The numbers of a row, which has no place yet. Half precision, which has none, is stored as NaN (NULL): never change.
EncodingRecord record_of(const Encoding& encoding);
Encoding encoding_of(const EncodingRecord& record);

/// EncodingRecord::grid. As stored: never change.
std::string grid_text(const std::vector<std::int64_t>& grid);
std::vector<std::int64_t> parse_grid(const std::string& text);

/// One row per encoding and name that a file gives it (file_names), in the order of the graph's quantizers: a set holds
/// what an exported file needs, without its network.
std::vector<EncodingRecord> encoding_records(const Graph& graph, const EncodingTable& encodings);
/// By the rows' names.
EncodingMap encoding_map(const std::vector<EncodingRecord>& records);
/// By Quantizer::key().
EncodingMap encoding_map(const Graph& graph, const EncodingTable& encodings);
/// One list per quantizer of the graph; absent ones are empty (off), but half precision needs no numbers.
EncodingTable encoding_table(const Graph& graph, const EncodingMap& encodings);

}  // namespace qeval
