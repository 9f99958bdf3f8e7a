#include "storage/process_info.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iterator>

namespace qeval {

ProcessInfo this_process() {
  ProcessInfo info;
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0) info.host = host.data();
  info.pid = getpid();
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  info.command.assign(std::istreambuf_iterator<char>(file), {});
  if (!info.command.empty() && info.command.back() == '\0') info.command.pop_back();
  for (char& c : info.command) {
    // The lock file is line-based, and '\0' separates arguments.
    if (c == '\0' || c == '\n') c = ' ';
  }
  return info;
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + milliseconds % 1000).substr(1);
  return std::string(text.data(), length) + "." + fraction + "Z";
}

}  // namespace qeval
