#pragma once
/// Where progress goes and what that place can do; a test puts its own in.
#include <chrono>
#include <functional>
#include <string_view>

namespace qeval {

struct ProgressOutput {
  std::function<void(std::string_view)> write;  ///< takes lines and escape sequences as they are
  bool rewritable = false;                      ///< a terminal on which a line can be written over
  bool utf8 = false;
  bool color = false;
  std::function<int()> columns;  ///< asked at every line, as a window may be resized
  std::function<std::chrono::steady_clock::time_point()> now;
};

/// The first of LC_ALL, LC_CTYPE, LANG that is set decides, see locale(7).
bool locale_is_utf8();

/// stderr as it is: terminal or not, TERM, NO_COLOR, CI and the locale's variables obeyed.
ProgressOutput stderr_output();

}  // namespace qeval
