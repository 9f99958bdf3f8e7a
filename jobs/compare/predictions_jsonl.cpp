#include <initializer_list>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "jobs/compare/predictions_formats.h"
#include "pipeline/base/errors.h"
#include "stages/dataset/text_lines.h"

namespace qeval {
namespace {

using Line = nlohmann::json;

template <class Number>
std::vector<Number> numbers_of(const Line& list, const std::string& where) {
  std::vector<Number> numbers;
  for (const Line& value : list.is_array() ? list : Line::array({list})) {
    const bool is_number = std::is_integral_v<Number> ? value.is_number_integer() : value.is_number();
    if (!is_number) throw InputError(where + "expected numbers, not " + value.dump().substr(0, 40));
    numbers.push_back(value.get<Number>());
  }
  return numbers;
}

const Line* first_of(const Line& line, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (line.contains(key)) return &line[key];
  return nullptr;
}

/// Whether it was classes that were given.
bool set_answer(const Line& line, const PredictionsRequest& request, ForeignPrediction& row) {
  if (const Line* classes = first_of(line, {"top", "topk", "top5", "top1"})) {
    set_classes(numbers_of<long long>(*classes, row.where), request, row);
    return true;
  }
  const Line* scores = first_of(line, {"logits", "scores", "probabilities"});
  if (!scores) throw InputError(row.where + "neither \"top\", a list of classes, nor \"logits\", one for each class");
  set_scores(numbers_of<float>(*scores, row.where), request, row);
  return false;
}

ForeignPrediction named_row(const Line& line, const std::string& where) {
  if (!line.is_object()) throw InputError(where + "not a JSON object, one per line");
  ForeignPrediction row;
  row.where = where;
  for (const char* key : image_keys)
    if (row.image.empty() && line.contains(key) && line[key].is_string()) row.image = line[key].get<std::string>();
  if (line.contains("label") && line["label"].is_number_integer()) row.label = line["label"].get<int>();
  return row;
}

}  // namespace

ForeignPredictions read_predictions_jsonl(const std::filesystem::path& file, std::string_view text,
                                          const PredictionsRequest& request) {
  ForeignPredictions found;
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const Line line = Line::parse(lines[i], nullptr, false);
    ForeignPrediction row = named_row(line, line_prefix(file, i));
    const std::string layout = set_answer(line, request, row) ? "top-k" : "scores";
    if (!found.layout.empty() && layout != found.layout)
      throw InputError(row.where + "classes here and scores elsewhere; give one of them for all images");
    found.layout = layout;
    found.rows.push_back(std::move(row));
  }
  return found;
}

}  // namespace qeval
