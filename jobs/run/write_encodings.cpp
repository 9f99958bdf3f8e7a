#include "jobs/run/write_encodings.h"

#include <fmt/core.h>

#include "pipeline/base/visible_text.h"

namespace qeval {

std::string write_what_fits(EncodingsFile& file, const std::filesystem::path& path) {
  std::string note;
  if (const auto left_out = take_out_unheld(file); !left_out.empty())
    note = fmt::format("note: encodings version {} cannot hold these, left out: {}", file.version,
                       visible_names(left_out));
  write_encodings_file(file, path);
  return note;
}

}  // namespace qeval
