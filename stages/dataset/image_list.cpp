#include <algorithm>
#include <charconv>
#include <optional>

#include "pipeline/errors.h"
#include "pipeline/visible_text.h"
#include "stages/dataset/manifest.h"
#include "stages/dataset/regular_file.h"
#include "stages/dataset/text_lines.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

/// Which fields of a line hold what.
struct Columns {
  std::size_t path = 0, label = 1;
};

std::optional<int> parse_label(const std::string& text) {
  int label = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
  if (error != std::errc() || end != text.data() + text.size() || label < 0) return std::nullopt;
  return label;
}

/// A first line with a field called "path" is a header; it may name further columns, which are ignored.
std::optional<Columns> parse_header(const std::vector<std::string>& fields, const std::string& where) {
  std::optional<std::size_t> path, label;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] == "path") path = i;
    if (fields[i] == "label") label = i;
  }
  if (!path) return std::nullopt;
  if (!label) throw InputError(where + "the header has no column \"label\"");
  return Columns{*path, *label};
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

ManifestEntry parse_entry(const std::vector<std::string>& fields, Columns columns, const fs::path& root,
                          const std::string& where) {
  if (fields.size() <= std::max(columns.path, columns.label)) {
    throw InputError(where + "expected a path and a label, separated by a comma");
  }
  ManifestEntry entry;
  entry.name = name_below_root(fields[columns.path], where);
  const std::optional<int> label = parse_label(fields[columns.label]);
  if (!label) {
    throw InputError(where + "label \"" + visible_name(fields[columns.label]) + "\" is not a non-negative integer");
  }
  entry.label = *label;
  const fs::path file = root / entry.name;
  const std::optional<FileState> state = regular_file_state(file);
  if (!state) throw InputError(where + visible_name(file.string()) + " is not a file");
  entry.file = *state;
  return entry;
}

}  // namespace

Manifest read_image_list(const fs::path& csv, const fs::path& root) {
  std::error_code missing;
  if (!fs::is_directory(root, missing))
    throw InputError(visible_name(root.string()) + ": no such folder; set the data set's root");
  Manifest manifest{root, {}, {}};
  Columns columns;
  bool first_line = true;
  const std::vector<std::string> lines = read_lines(csv);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::vector<std::string> fields = split_csv_line(lines[i]);
    const std::string where = line_prefix(csv, i);
    const std::optional<Columns> header = first_line ? parse_header(fields, where) : std::nullopt;
    first_line = false;
    if (header) {
      columns = *header;
    } else {
      manifest.entries.push_back(parse_entry(fields, columns, root, where));
    }
  }
  if (manifest.entries.empty())
    throw InputError(visible_name(csv.string()) + ": lists no image; write lines of path,label");
  return manifest;
}

}  // namespace qeval
