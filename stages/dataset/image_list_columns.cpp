#include "stages/dataset/image_list_columns.h"

#include <algorithm>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"

namespace qeval {
namespace {

const std::vector<std::string> wanted_columns{"path", "label"};

std::string found_and_wanted(const std::vector<std::string>& fields) {
  std::string found, near;
  for (const std::string& field : fields) {
    found += (found.empty() ? "\"" : ", \"") + field + "\"";
    const std::vector<std::string> words = closest_words(field, wanted_columns);
    if (words.empty() || words.front() == field) continue;
    near += "; did you mean '" + words.front() + "' by \"" + field + "\"?";
  }
  return "; columns found: " + found + "; wanted: path,label" + near;
}

bool looks_like_path(const std::string& field) { return field.find_first_of("./") != std::string::npos; }

bool looks_like_number(const std::string& field) { return field.find_first_of("0123456789") != std::string::npos; }

std::size_t only_column(const std::vector<std::string>& fields, const std::string& name, const std::string& where) {
  const auto count = std::count(fields.begin(), fields.end(), name);
  if (count == 0) throw InputError(where + "the header has no column \"" + name + "\"" + found_and_wanted(fields));
  if (count > 1) throw InputError(where + "the header names the column \"" + name + "\" twice; remove one");
  return static_cast<std::size_t>(std::find(fields.begin(), fields.end(), name) - fields.begin());
}

}  // namespace

ImageListColumns columns_of_first_line(const std::vector<std::string>& fields, const std::string& where) {
  const auto is_wanted = [](const std::string& field) {
    return std::find(wanted_columns.begin(), wanted_columns.end(), field) != wanted_columns.end();
  };
  if (std::any_of(fields.begin(), fields.end(), is_wanted))
    return {only_column(fields, "path", where), only_column(fields, "label", where), true};
  const std::string separated = other_separator(fields);
  if (!separated.empty())
    throw InputError(where + "expected path,label or a path and a label, separated by a comma" + separated);
  const bool is_image = fields.size() > 1 && (looks_like_path(fields[0]) || looks_like_number(fields[1]));
  if (is_image || (fields.size() == 1 && looks_like_path(fields[0]))) return {};
  throw InputError(where + "the first line is neither a header that names path and label nor a path and a label" +
                   found_and_wanted(fields));
}

std::string other_separator(const std::vector<std::string>& fields) {
  if (fields.size() != 1) return "";
  if (fields[0].find('\t') != std::string::npos) return ", not by tabs";
  return fields[0].find(';') != std::string::npos ? ", not by semicolons" : "";
}

std::string label_hint(const std::string& label) {
  if (label.empty() || looks_like_number(label)) return "";
  return "; labels are class numbers from 0, not names";
}

}  // namespace qeval
