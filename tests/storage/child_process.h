#pragma once
/// A forked child that reports to its parent through a pipe. Forked from a test before any thread is started.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <vector>

namespace qeval::test {

class ChildProcess {
 public:
  using Report = std::function<void(int)>;

  /// The child runs `body` and ends with 0, or with 1 if it throws.
  explicit ChildProcess(const std::function<void(const Report&)>& body) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
      close(ends[0]);
      _exit(run(body, ends[1]));
    }
    close(ends[1]);
    pipe_ = ends[0];
  }
  ~ChildProcess() {
    if (pid_ > 0) kill_and_wait();
    close(pipe_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  /// Blocks until the child has reported. −1: it ended.
  int next_report() {
    int value = -1;
    return read(pipe_, &value, sizeof value) == static_cast<ssize_t>(sizeof value) ? value : -1;
  }
  std::vector<int> remaining_reports() {
    std::vector<int> values;
    for (int value = next_report(); value >= 0; value = next_report()) values.push_back(value);
    return values;
  }

  void kill_and_wait() {
    kill(pid_, SIGKILL);
    wait_for_end();
  }
  /// The exit code, or −1 if a signal ended it.
  int wait_for_end() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static int run(const std::function<void(const Report&)>& body, int pipe_end) {
    try {
      body([pipe_end](int value) {
        if (write(pipe_end, &value, sizeof value) != static_cast<ssize_t>(sizeof value)) _exit(1);
      });
      return 0;
    } catch (...) {
      return 1;
    }
  }

  pid_t pid_ = -1;
  int pipe_ = -1;
};

}  // namespace qeval::test
