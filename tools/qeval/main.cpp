#include <csignal>
#include <cstdio>
#include <exception>
#include <system_error>

#include <fmt/core.h>

#include "pipeline/did_you_mean.h"
#include "pipeline/errors.h"
#include "tools/qeval/verb.h"

namespace qeval {
namespace {

void print_help(std::FILE* out) {
  fmt::print(out, "qeval: evaluates quantized image classifiers from job files\n\nusage: qeval VERB …\n\n");
  for (const Verb& verb : verbs()) fmt::print(out, "  {:<13} {:<36} {}\n", verb.name, verb.synopsis, verb.summary);
  fmt::print(out,
             "\n`qeval VERB --help` lists a verb's options.\n"
             "Exit codes: 0 done, 1 finished and the answer is no, 2 usage or job file, 3 input, "
             "4 failed while running (resumable),\n"
             "5 database, 70 a bug in qeval, 130/143 interrupted (committed, resumable), 141 output closed.\n");
}

const Verb& find_verb(const std::string& name) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (name == verb.name) return verb;
    names.push_back(verb.name);
  }
  throw UsageError("unknown verb '" + name + "'" + did_you_mean(name, names) + " (`qeval help` lists them)");
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    print_help(stderr);
    return static_cast<int>(ExitCode::usage);
  }
  const std::string& first = arguments.front();
  if (first == "help" || first == "--help" || first == "-h") {
    if (arguments.size() > 1 && first == "help") return find_verb(arguments[1]).run({"--help"});
    print_help(stdout);
    return 0;
  }
  if (first == "--version") return version_verb({});
  return find_verb(first).run({arguments.begin() + 1, arguments.end()});
}

/// A reader that went away (`| head -1`) is its own exit code, not a lost error.
int flush_stdout(int code) {
  if (std::fflush(stdout) != 0) return static_cast<int>(ExitCode::stdout_closed);
  return code;
}

int guarded_main(const std::vector<std::string>& arguments) {
  try {
    return flush_stdout(dispatch(arguments));
  } catch (const Error& error) {
    std::fflush(stdout);
    fmt::print(stderr, "qeval: {}\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "qeval: out of memory; lower run.batch_size or run.replicas\n");
    return static_cast<int>(ExitCode::run_failed);
  } catch (const std::system_error& error) {
    // fmt::print throws this when stdout's reader is gone.
    if (error.code() == std::errc::broken_pipe) return static_cast<int>(ExitCode::stdout_closed);
    fmt::print(stderr, "qeval: {}\n", error.what());
    return static_cast<int>(ExitCode::run_failed);
  } catch (const std::exception& error) {
    fmt::print(stderr, "qeval: internal error: {} (this is a bug in qeval)\n", error.what());
    return static_cast<int>(ExitCode::internal);
  }
}

}  // namespace
}  // namespace qeval

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return qeval::guarded_main({argv + 1, argv + argc});
}
