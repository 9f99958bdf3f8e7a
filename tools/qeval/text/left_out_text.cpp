#include "tools/qeval/text/left_out_text.h"

#include <fmt/core.h>

namespace qeval {

std::string left_out_text(const JobSpec& job) {
  std::string text;
  for (const LeftOutVariant& variant : job.left_out)
    text += fmt::format("{}: left out, {}\n", variant.name, variant.missing);
  return text;
}

}  // namespace qeval
