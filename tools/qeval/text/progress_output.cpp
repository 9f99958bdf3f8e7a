#include "tools/qeval/text/progress_output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

constexpr int usual_columns = 80;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

int columns_of_stderr() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_columns;
}

}  // namespace

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(name);
    if (value.empty()) continue;
    for (const char* spelling : {"UTF-8", "utf-8", "UTF8", "utf8"})
      if (value.find(spelling) != std::string_view::npos) return true;
    return false;
  }
  return false;
}

ProgressOutput stderr_output() {
  ProgressOutput output;
  output.write = write_err_raw;
  output.rewritable = isatty(STDERR_FILENO) != 0 && variable("TERM") != "dumb" && variable("CI").empty();
  output.utf8 = locale_is_utf8();
  output.color = output.rewritable && variable("NO_COLOR").empty();
  output.columns = columns_of_stderr;
  output.now = [] { return std::chrono::steady_clock::now(); };
  return output;
}

}  // namespace qeval
