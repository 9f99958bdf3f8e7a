#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/core.h>

#include "jobs/compare/predictions_formats.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/dataset/text_lines.h"

namespace qeval {
namespace {

struct Columns {
  std::size_t count = 0;
  std::optional<std::size_t> image, label;
  std::vector<std::size_t> classes, scores;
};

std::optional<std::size_t> column(const std::vector<std::string>& header, const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - header.begin()));
}

/// Columns whose names end in the numbers 0, 1, 2 … in this order: "0", "logit_0", "class0".
std::vector<std::size_t> score_columns(const std::vector<std::string>& header) {
  std::vector<std::size_t> columns;
  for (std::size_t at = 0; at < header.size(); ++at) {
    const std::string number = std::to_string(columns.size());
    const std::string& name = header[at];
    const bool ends = name.ends_with(number);
    const std::size_t rest = ends ? name.size() - number.size() : 0;
    if (ends && (rest == 0 || std::isdigit(static_cast<unsigned char>(name[rest - 1])) == 0)) columns.push_back(at);
  }
  return columns;
}

Columns columns_of(const std::vector<std::string>& header, const PredictionsRequest& request,
                   const std::string& where) {
  Columns columns;
  columns.count = header.size();
  for (const char* key : image_keys)
    if (!columns.image) columns.image = column(header, key);
  columns.label = column(header, "label");
  for (int rank = 1; rank <= 5; ++rank)
    if (const auto at = column(header, "top" + std::to_string(rank)); at && std::ssize(columns.classes) == rank - 1)
      columns.classes.push_back(*at);
  if (columns.classes.empty()) columns.scores = score_columns(header);
  if (columns.classes.empty() && std::ssize(columns.scores) != request.classes)
    throw InputError(fmt::format("{}the header names neither top1 nor one score for each of {} classes (0, 1, 2 …)",
                                 where, request.classes));
  return columns;
}

template <class Number>
Number number_in(const std::string& text, const std::string& where) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    throw InputError(where + "\"" + visible_name(text) + "\" is not a number that fits there");
  return number;
}

ForeignPrediction row_of(const std::vector<std::string>& fields, const Columns& columns,
                         const PredictionsRequest& request, const std::string& where) {
  if (fields.size() != columns.count)
    throw InputError(fmt::format("{}{} fields, and the header has {}", where, fields.size(), columns.count));
  ForeignPrediction row;
  row.where = where;
  if (columns.image) row.image = fields[*columns.image];
  if (columns.label && !fields[*columns.label].empty()) row.label = number_in<int>(fields[*columns.label], where);
  if (columns.classes.empty()) {
    std::vector<float> scores;
    scores.reserve(columns.scores.size());
    for (const std::size_t at : columns.scores) scores.push_back(number_in<float>(fields[at], where));
    set_scores(scores, request, row);
  } else {
    std::vector<long long> classes;
    // Networks of few classes have fewer ranks.
    for (const std::size_t at : columns.classes)
      if (!fields[at].empty() || classes.empty()) classes.push_back(number_in<long long>(fields[at], where));
    set_classes(classes, request, row);
  }
  return row;
}

}  // namespace

ForeignPredictions read_predictions_csv(const std::filesystem::path& file, std::string_view text,
                                        const PredictionsRequest& request) {
  ForeignPredictions found;
  std::optional<Columns> columns;
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::vector<std::string> fields = split_csv_line(lines[i]);
    const std::string where = line_prefix(file, i);
    if (columns)
      found.rows.push_back(row_of(fields, *columns, request, where));
    else
      columns = columns_of(fields, request, where);
  }
  found.layout = columns && columns->classes.empty() ? "scores" : "top-k";
  return found;
}

}  // namespace qeval
