#pragma once
/// Files that come with qeval: the ready-made job files, in the source tree or installed beside the program.
/// Errors: InputError naming where it looked.
#include <filesystem>
#include <string>

namespace qeval {

std::filesystem::path job_file_path(const std::string& name);

}  // namespace qeval
