#pragma once
/// The commands of `qeval encodings`; each takes its own arguments and returns the exit code, as Verb::run.
/// Errors: as Verb::run.
#include <string>
#include <vector>

#include "stages/quant/files/encodings_file.h"

namespace qeval {

int list_encodings(const std::vector<std::string>& arguments);
int show_encodings(const std::vector<std::string>& arguments);
int import_encodings(const std::vector<std::string>& arguments);
int export_encodings(const std::vector<std::string>& arguments);
/// Exit code 0: no range differs by more than the tolerance; 1: some do, or one side lacks quantizers.
int diff_encodings_command(const std::vector<std::string>& arguments);

/// An AIMET file if there is a file of that name, else a set of the database.
EncodingsFile open_encodings(const std::string& reference, const std::string& database_option);

}  // namespace qeval
