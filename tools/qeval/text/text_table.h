#pragma once
/// Result tables as text for people, or CSV, JSON, JSON lines and Markdown for tools. A cell's type decides what it is
/// in JSON and on which side of its column it stands. In tables for people a cell is one line, with control characters
/// written out. Errors: UsageError for an unknown format name.
#include <string>
#include <string_view>
#include <vector>

#include "storage/queries.h"

namespace qeval {

enum class TableFormat {
  text,
  csv,
  json,   ///< a list of objects
  jsonl,  ///< an object per line
  markdown
};

TableFormat parse_table_format(const std::string& name);
std::string format_table(const Table& table, TableFormat format);

/// For people, in lines of at most `columns` where words allow it: as format_table where it fits, without as many of
/// `droppable`, first ones first, as that takes; else a line for each cell, and an empty one between rows.
std::string fitted_table(const Table& table, std::size_t columns, const std::vector<std::string>& droppable);

/// Whether it does as it is.
bool fits(const Table& table, std::size_t columns);

/// Not for programs: figures are rounded, and long tables cut short.
bool is_for_people(TableFormat format);

/// The named columns of `table`, in the order named. UsageError with a did-you-mean for an unknown one.
Table select_columns(const Table& table, const std::vector<std::string>& names);

/// Its cells are numbers, at least one is there, and they are right-aligned, so that their digits line up.
bool is_numeric_column(const Table& table, std::size_t column);

}  // namespace qeval
