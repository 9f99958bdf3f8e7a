#include "tools/qeval/text/history_table.h"

#include <algorithm>

#include <fmt/core.h>

#include "tools/qeval/text/time_text.h"

namespace qeval {
namespace {

class HistoryRow {
 public:
  HistoryRow(const std::vector<std::string>& columns, const std::vector<Cell>& cells)
      : columns_(columns), cells_(cells) {}

  const Cell& operator[](const char* name) const {
    return cells_.at(static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), name) - columns_.begin()));
  }

 private:
  const std::vector<std::string>& columns_;
  const std::vector<Cell>& cells_;
};

std::string images_text(const HistoryRow& row) {
  const std::string done = row["n_done"].text(), total = row["n_total"].text();
  return done == total ? total : done + " of " + total;
}

/// A percentage with two decimals; the view has three.
Cell percent(const Cell& cell) {
  if (cell.is_null()) return {};
  const double value = std::stod(cell.text());
  return Cell::real(value, fmt::format("{:.2f}", value));
}

std::string interval(const HistoryRow& row) {
  return percent(row["top1_low"]).text() + (row["top1_low"].is_null() ? "" : "–") + percent(row["top1_high"]).text();
}

}  // namespace

Table history_for_people(const Table& history) {
  Table table{
      {"run", "state", "created", "arch", "variant", "dataset", "images", "top-1 %", "95 %", "top-5 %", "images/s"},
      {}};
  for (const auto& cells : history.rows) {
    const HistoryRow row(history.columns, cells);
    table.rows.push_back({row["name"], row["state"], local_time_text(row["created_at"].text()), row["arch"],
                          row["variant"], row["dataset"], images_text(row), percent(row["top1"]), interval(row),
                          percent(row["top5"]), row["images_per_s"]});
  }
  return table;
}

const std::vector<std::string>& least_of_history() {
  static const std::vector<std::string> columns{"images/s", "top-5 %", "dataset", "arch", "95 %", "created"};
  return columns;
}

}  // namespace qeval
