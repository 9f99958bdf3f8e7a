#include <algorithm>
#include <charconv>
#include <optional>

#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "pipeline/base/visible_text.h"
#include "stages/dataset/image_list_columns.h"
#include "stages/dataset/manifest.h"
#include "stages/dataset/text_lines.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

std::optional<int> parse_label(const std::string& text) {
  int label = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
  if (error != std::errc() || end != text.data() + text.size() || label < 0) return std::nullopt;
  return label;
}

/// The name with "." and inner ".." resolved; it must stay below the root.
std::string name_below_root(const std::string& text, const std::string& where) {
  if (text.empty() || text.find('\0') != std::string::npos)
    throw InputError(where + "the path is empty or holds a NUL");
  const fs::path path = fs::path(text).lexically_normal();
  if (path.is_absolute() || *path.begin() == "..") {
    throw InputError(where + "\"" + visible_name(text) +
                     "\" leaves the root; paths must be relative to it and stay below it");
  }
  return path.generic_string();
}

ManifestEntry parse_entry(const std::vector<std::string>& fields, ImageListColumns columns, const fs::path& root,
                          const std::string& where) {
  if (fields.size() <= std::max(columns.path, columns.label)) {
    throw InputError(where + "expected a path and a label, separated by a comma" + other_separator(fields));
  }
  ManifestEntry entry;
  entry.name = name_below_root(fields[columns.path], where);
  const std::optional<int> label = parse_label(fields[columns.label]);
  if (!label)
    throw InputError(where + "label \"" + visible_name(fields[columns.label]) + "\" is not a non-negative integer" +
                     label_hint(fields[columns.label]));
  entry.label = *label;
  const fs::path file = root / entry.name;
  const std::optional<FileState> state = regular_file_state(file);
  if (!state) throw InputError(where + visible_name(file.string()) + " is not a file");
  entry.file = *state;
  return entry;
}

}  // namespace

Manifest read_image_list(const fs::path& csv, const fs::path& root) {
  check_image_list_root(root);
  Manifest manifest{root, {}, {}};
  std::optional<ImageListColumns> columns;
  const std::vector<std::string> lines = read_lines(csv);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::vector<std::string> fields = split_csv_line(lines[i]);
    const std::string where = line_prefix(csv, i);
    const bool first_line = !columns;
    if (first_line) columns = columns_of_first_line(fields, where);
    if (first_line && columns->is_header) continue;
    manifest.entries.push_back(parse_entry(fields, *columns, root, where));
  }
  if (manifest.entries.empty())
    throw InputError(visible_name(csv.string()) + ": lists no image; write lines of path,label");
  return manifest;
}

void check_image_list_root(const fs::path& root) {
  std::error_code missing;
  if (!fs::is_directory(root, missing))
    throw InputError(visible_name(root.string()) + ": no such folder; set the data set's root");
}

void check_image_list_header(const fs::path& csv) {
  const std::vector<std::string> lines = read_lines(csv);
  const auto first = std::find_if(lines.begin(), lines.end(), [](const std::string& line) { return !line.empty(); });
  if (first == lines.end())
    throw InputError(visible_name(csv.string()) + ": lists no image; write lines of path,label");
  columns_of_first_line(split_csv_line(*first), line_prefix(csv, static_cast<std::size_t>(first - lines.begin())));
}

}  // namespace qeval
