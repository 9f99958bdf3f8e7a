#include "tools/qeval/text/terminal.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pipeline/base/errors.h"
#include "tools/qeval/text/locale_text.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

/// A terminal or pipe that somebody set to not wait.
bool wait_until_writable(int descriptor) {
  pollfd wanted{descriptor, POLLOUT, 0};
  return ::poll(&wanted, 1, -1) > 0 || errno == EINTR;
}

/// 0, or errno.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno == EAGAIN ? !wait_until_writable(descriptor) : errno != EINTR)
      return errno;
  }
  return 0;
}

[[noreturn]] void fail_output(int error) {
  if (error == EPIPE) throw std::system_error(error, std::generic_category(), "standard output");
  if (error == EBADF) throw Error(ExitCode::stdout_closed, "standard output is closed; give it a place to go to");
  const bool is_full = error == ENOSPC || error == EDQUOT;
  throw RunError("standard output: " +
                 (is_full ? "the disk is full; free some space"
                          : "writing failed: " + std::generic_category().message(error) + "; check where it goes") +
                 " and run it again; what a run has computed is kept");
}

/// But the last one, behind which some terminals wrap; no limit where it is no terminal.
std::size_t columns_of(int descriptor) {
  winsize size{};
  const bool is_known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col - std::size_t{1} : std::numeric_limits<std::size_t>::max();
}

}  // namespace

void open_missing_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is taken, and those below are open by now. Read-only: writing an answer to it must fail.
    const int opened = ::open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != descriptor) std::_Exit(static_cast<int>(ExitCode::run_failed));
  }
}

void write_out(std::string_view text) { write_data(locale_text(std::string(text))); }

void write_data(std::string_view text) {
  if (const int error = write_all(STDOUT_FILENO, visible_text(text)); error != 0) fail_output(error);
}

std::size_t output_columns() {
  const char* variable = std::getenv("COLUMNS");
  std::size_t columns = 0;
  if (variable != nullptr) std::from_chars(variable, variable + std::strlen(variable), columns);
  return columns == 0 ? columns_of(STDOUT_FILENO) : columns - 1;
}

std::size_t error_columns() { return columns_of(STDERR_FILENO); }

void write_err_wrapped(std::string_view text, std::size_t indent) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines += wrapped(text.substr(0, end), indent, error_columns());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  write_err(lines);
}

void write_err(std::string_view text) noexcept {
  try {
    write_err_raw(visible_text(locale_text(std::string(text))));
  } catch (const std::exception&) {
    // No memory for a message: what is being done matters more.
  }
}

void write_err_raw(std::string_view bytes) noexcept { static_cast<void>(write_all(STDERR_FILENO, bytes)); }

}  // namespace qeval
