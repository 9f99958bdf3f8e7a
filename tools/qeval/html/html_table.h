#pragma once
/// Result tables in HTML: with a caption, sortable and searchable where the script runs, in a box that scrolls.
/// Thread-safety: free function.
#include <cstddef>
#include <functional>
#include <string>

#include "storage/queries.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

struct HtmlTableOptions {
  std::string caption{};
  std::size_t rows_in_all = 0;  ///< of which the table shows the first; 0: it shows all
  std::string whole_list{};     ///< the command that prints all rows
  std::size_t most_rows = 0;    ///< 0: all
  bool of_words = false;        ///< cells hold words, which want some width
  /// Writes another content of a cell and returns true; may be empty.
  std::function<bool(std::size_t row, std::size_t column)> cell{};
};

void write_table(HtmlWriter& html, const Table& table, const HtmlTableOptions& options);

}  // namespace qeval
