#pragma once
/// Where progress goes and what that place can do; a test puts its own in.
#include <chrono>
#include <functional>
#include <iosfwd>

namespace qeval {

struct ProgressOutput {
  std::ostream* stream = nullptr;
  bool rewritable = false;  ///< a terminal on which a line can be written over
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
