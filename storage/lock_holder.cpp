#include "storage/lock_holder.h"

#include <unistd.h>

#include <fstream>

#include "pipeline/base/visible_text.h"
#include "storage/process_info.h"

namespace qeval {

namespace {

/// A line each; empty where the file has fewer.
struct Holder {
  std::string pid, host, since, command;
  FileIds ids;
};

Holder read_holder(const std::filesystem::path& database) {
  Holder holder;
  std::ifstream file(lock_path(database));
  for (std::string* line :
       {&holder.pid, &holder.host, &holder.since, &holder.command, &holder.ids.main_file, &holder.ids.newest})
    std::getline(file, *line);
  return holder;
}

}  // namespace

std::filesystem::path lock_path(const std::filesystem::path& database) {
  std::filesystem::path path = database;
  return path += ".lock";
}

void write_holder(int descriptor, const FileIds& ids) {
  const ProcessInfo self = this_process();
  const std::string text = std::to_string(self.pid) + "\n" + self.host + "\n" + utc_now() + "\n" + self.command + "\n" +
                           ids.main_file + "\n" + ids.newest + "\n";
  if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, text.data(), text.size(), 0) < 0) return;
}

std::string describe_holder(const std::filesystem::path& database) {
  const Holder holder = read_holder(database);
  if (holder.command.empty()) return "another process";
  return visible_name("pid " + holder.pid + " on host " + holder.host + " since " + holder.since + " (command " +
                      holder.command + ")");
}

FileIds last_holder_file_ids(const std::filesystem::path& database) { return read_holder(database).ids; }

}  // namespace qeval
