#pragma once
/// What the probes have in common: cases from standard input, one after another.
#include <exception>
#include <iostream>

namespace qeval {

/// Exit status of a probe. `answer_case` answers one case; false at the end of the input. What it throws ends the
/// probe.
inline int answer_cases(bool (*answer_case)()) try {
  while (answer_case()) continue;
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}

}  // namespace qeval
