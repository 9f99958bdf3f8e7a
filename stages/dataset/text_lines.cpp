#include "stages/dataset/text_lines.h"

#include <fstream>

#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "pipeline/base/visible_text.h"

namespace qeval {

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  if (!regular_file_state(file))
    throw InputError(visible_name(file.string()) + ": no such file; give the path of a text file");
  std::ifstream stream(file, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (lines.empty() && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
    lines.push_back(std::move(line));
  }
  if (!stream.eof()) throw InputError(visible_name(file.string()) + ": cannot be read; check its permissions");
  return lines;
}

std::vector<std::string> split_csv_line(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (c == '"' && (quoted || fields.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::string line_prefix(const std::filesystem::path& file, std::size_t index) {
  return visible_name(file.string()) + ":" + std::to_string(index + 1) + ": ";
}

}  // namespace qeval
