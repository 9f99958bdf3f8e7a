#include "tools/qeval/user_memory.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include "pipeline/base/errors.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

std::filesystem::path cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::filesystem::path(value ? value : "");
  };
  // The XDG specification tells to ignore relative paths.
  if (const auto cache = variable("XDG_CACHE_HOME"); cache.is_absolute()) return cache;
  if (const auto home = variable("HOME"); home.is_absolute()) return home / ".cache";
  return {};
}

}  // namespace

std::unique_ptr<FileMemory> open_user_memory() {
  const std::filesystem::path folder = cache_folder();
  if (folder.empty()) return nullptr;
  try {
    return std::make_unique<FileMemory>(folder / "qeval" / "files.db");
  } catch (const Error& error) {
    err("note: what files hold cannot be remembered, they are read every time: {}\n", error.what());
    return nullptr;
  }
}

ImageSetsSurroundings image_surroundings(FileMemory* memory) {
  return {.memory = memory, .tell = [](const std::string& note) { err("note: {}\n", note); }};
}

}  // namespace qeval
