#pragma once
/// Where results go: --db, else $QEVAL_DB, else the nearest .qeval/results.db upward from the working directory, else
/// $XDG_DATA_HOME/qeval/results.db (~/.local/share/qeval/results.db).
#include <filesystem>
#include <string>

namespace qeval {

std::filesystem::path database_path(const std::string& option);

}  // namespace qeval
