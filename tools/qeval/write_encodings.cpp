#include "tools/qeval/write_encodings.h"

#include "tools/qeval/terminal.h"

namespace qeval {

void write_what_fits(EncodingsFile& file, const std::filesystem::path& path, const std::string& speaker) {
  if (const auto left_out = take_out_unheld(file); !left_out.empty())
    err("{}: note: encodings version {} cannot hold these, left out: {}\n", speaker, file.version,
        visible_names(left_out));
  write_encodings_file(file, path);
}

}  // namespace qeval
