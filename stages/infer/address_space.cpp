#include "stages/infer/address_space.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

std::string megabytes(std::size_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

bool can_map(std::size_t bytes, int protection) {
  void* const place = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return place != MAP_FAILED && munmap(place, bytes) == 0;
}

/// The sixth number of /proc/self/statm is of data and stack, the first of all that is mapped; in pages.
std::size_t used_bytes(bool writable) {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  for (int number = 0; number < (writable ? 6 : 1); ++number) statm >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

[[noreturn]] void fail(const std::string& what, std::size_t bytes, bool writable) {
  rlimit limit{};
  getrlimit(writable ? RLIMIT_DATA : RLIMIT_AS, &limit);
  const std::string needed = what + " needs " + megabytes(bytes) + (writable ? " of data" : " of address space");
  if (limit.rlim_cur == RLIM_INFINITY)
    throw RunError(needed + ", and the system has no more; end other programs, or allow more memory");
  const std::string option = writable ? "ulimit -d" : "ulimit -v";
  throw RunError(needed + " beside the " + megabytes(used_bytes(writable)) + " in use, but the limit (" + option +
                 ") is " + megabytes(limit.rlim_cur) + "; raise it, or lift it with: " + option + " unlimited");
}

}  // namespace

void require_address_space(const std::string& what, std::size_t total, std::size_t writable) {
  if (!can_map(total, PROT_NONE)) fail(what, total, false);
  if (!can_map(writable, PROT_READ | PROT_WRITE)) fail(what, writable, true);
}

}  // namespace qeval
