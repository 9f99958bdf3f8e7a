#include "tools/qeval/text/table_output.h"

#include "tools/qeval/text/terminal.h"

namespace qeval {

void print_table(const Table& table, TableFormat format, const std::vector<std::string>& droppable) {
  if (format == TableFormat::text)
    write_out(fitted_table(table, output_columns(), droppable));
  else if (format == TableFormat::markdown)
    write_out(format_table(table, format));
  else
    write_data(format_table(table, format));
}

}  // namespace qeval
