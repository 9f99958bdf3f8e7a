#pragma once
/// Error classes shared by every folder. Each names the exit code it ends a command with.
/// Expected trouble inside one item is an ItemError and never leaves the graph; everything else ends the run.
#include <csignal>
#include <stdexcept>
#include <string>

namespace qeval {

/// Documented exit codes of the `qeval` command. Scripts depend on them: never renumber.
enum class ExitCode : int {
  ok = 0,
  negative = 1,        ///< finished, and the answer is no (a gate missed, a significant drop)
  usage = 2,           ///< command line or job file wrong; nothing was run
  input = 3,           ///< an input is missing, unreadable or not what was pinned
  run_failed = 4,      ///< failed while running; resumable unless the message says otherwise
  database = 5,        ///< database in use, from a newer version, foreign or read-only
  internal = 70,       ///< a bug of qeval's own
  interrupted = 130,   ///< SIGINT: drained, committed, resumable
  terminated = 143,    ///< SIGTERM: drained, committed, resumable
  stdout_closed = 141  ///< the reader of stdout went away, or it is closed
};

/// What the process ends with after this signal has drained and committed.
inline ExitCode exit_of_signal(int signal) { return signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted; }

/// Base of all errors that end a command. `what()` is one complete message for the user.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// Command line or job file wrong (exit 2).
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(ExitCode::usage, message) {}
};

/// An input file is missing, unreadable, hostile or not what was pinned (exit 3).
class InputError : public Error {
 public:
  explicit InputError(const std::string& message) : Error(ExitCode::input, message) {}
};

/// The world broke while running: disk full, device lost, too many bad images (exit 4).
class RunError : public Error {
 public:
  explicit RunError(const std::string& message) : Error(ExitCode::run_failed, message) {}
};

/// The results database cannot be used: locked by a live run, newer, foreign, read-only (exit 5).
class DatabaseError : public Error {
 public:
  explicit DatabaseError(const std::string& message) : Error(ExitCode::database, message) {}
};

/// A broken invariant of our own (exit 70).
class InternalError : public Error {
 public:
  explicit InternalError(const std::string& message) : Error(ExitCode::internal, message) {}
};

/// What a worker that waits for another's work leaves with when that work has failed. It is never told: the failure is,
/// by the worker that had it.
class OtherWorkFailed : public std::runtime_error {
 public:
  OtherWorkFailed() : std::runtime_error("other work that this one waited for failed") {}
};

/// Bad data in one item. Thrown by an item stage; the engine records it on the item, which flows on.
/// `kind` is a short stable word stored in the database ("truncated", "not_jpeg", "too_large", …).
class ItemError : public std::runtime_error {
 public:
  ItemError(std::string kind, const std::string& message) : std::runtime_error(message), kind_(std::move(kind)) {}
  const std::string& kind() const noexcept { return kind_; }

 private:
  std::string kind_;
};

}  // namespace qeval
