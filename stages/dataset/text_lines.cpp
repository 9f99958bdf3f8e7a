#include "stages/dataset/text_lines.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "pipeline/base/visible_text.h"

namespace qeval {

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  if (!regular_file_state(file))
    throw InputError(visible_name(file.string()) + ": no such file; give the path of a text file");
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) throw InputError(visible_name(file.string()) + ": cannot be read; check its permissions");
  return lines_of(text);
}

std::vector<std::string> lines_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
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
