#include "tools/qeval/write_encodings.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace qeval {

void write_what_fits(EncodingsFile& file, const std::filesystem::path& path, const std::string& speaker) {
  if (const auto left_out = take_out_unheld(file); !left_out.empty())
    fmt::print(stderr, "{}: note: encodings version {} cannot hold these, left out: {}\n", speaker, file.version,
               fmt::join(left_out, ", "));
  write_encodings_file(file, path);
}

}  // namespace qeval
