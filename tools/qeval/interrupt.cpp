#include "tools/qeval/interrupt.h"

#include <unistd.h>
#include <csignal>

#include <string_view>

namespace qeval {
namespace {

std::atomic<StopToken*> active_token{nullptr};

void say(std::string_view text) {
  // A failed write to the terminal changes nothing about what must happen next.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

/// Async-signal-safe: atomics, write and _exit only.
void on_signal(int signal) {
  StopToken* token = active_token.load();
  if (!token || token->requested()) _exit(128 + signal);
  token->request(signal);
  say("\nstopping: what was begun is finished and committed (again: leave at once)\n");
}

}  // namespace

InterruptGuard::InterruptGuard(StopToken& token) {
  active_token.store(&token);
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  active_token.store(nullptr);
}

}  // namespace qeval
