#pragma once
/// Which columns of an image list hold paths and labels, as its first line says, and what is said of other lists.
/// Thread-safety: free functions without state.
#include <cstddef>
#include <string>
#include <vector>

namespace qeval {

struct ImageListColumns {
  std::size_t path = 0, label = 1;
  bool is_header = false;  ///< the line names columns and lists no image
};

/// `fields` of the first line that is not empty. One that holds "path" or "label" is a header and must have each once;
/// any other must begin with a path and a label.
/// Errors: InputError that begins with `where` ("file:line: ") and names the columns found and what is wanted.
ImageListColumns columns_of_first_line(const std::vector<std::string>& fields, const std::string& where);

/// ", not by semicolons" if that or tabs separate what should be `fields`; empty otherwise.
std::string other_separator(const std::vector<std::string>& fields);

/// What to write in place of a label that is a class name; empty for what was meant as a number.
std::string label_hint(const std::string& label);

}  // namespace qeval
