#include <malloc.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include <fmt/core.h>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/instruction_limit.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

/// What a verb takes, and under it what it is for.
std::string verb_text(const Verb& verb) {
  constexpr std::size_t name_width = 15;
  return fmt::format("  {:<13}{}\n", verb.name, verb.synopsis) +
         wrapped(std::string(name_width, ' ') + verb.summary, name_width);
}

std::string help_text() {
  std::string text = "qeval: evaluates quantized image classifiers from job files\n\nusage: qeval VERB …\n\n";
  for (const Verb& verb : verbs()) text += verb_text(verb);
  return text + "\n`qeval VERB --help` lists a verb's options.\n" +
         wrapped(
             "Exit codes: 0 done, 1 finished and the answer is no, 2 usage or job file, 3 input, 4 failed while "
             "running "
             "(resumable), 5 database, 70 a bug in qeval, 130/143 interrupted (committed, resumable), 141 output "
             "closed.",
             2);
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
    write_err(help_text());
    return static_cast<int>(ExitCode::usage);
  }
  const std::string& first = arguments.front();
  if (first == "help" || first == "--help" || first == "-h") {
    if (arguments.size() > 1 && first == "help") return find_verb(arguments[1]).run({"--help"});
    write_out(help_text());
    return 0;
  }
  if (first == "--version") return version_verb({});
  return find_verb(first).run({arguments.begin() + 1, arguments.end()});
}

int failed(ExitCode code, const std::string& message) {
  write_err("qeval: " + message + "\n");
  return static_cast<int>(code);
}

int guarded_main(const std::vector<std::string>& arguments) {
  try {
    limit_instruction_sets();
    return dispatch(arguments);
  } catch (const Error& error) {
    return failed(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return failed(ExitCode::run_failed, "out of memory; lower run.batch_size or run.replicas");
  } catch (const std::system_error& error) {
    // A reader that went away (`| head -1`) is its own exit code, and knows.
    if (error.code() == std::errc::broken_pipe) return static_cast<int>(ExitCode::stdout_closed);
    return failed(ExitCode::run_failed, visible_name(error.what()));
  } catch (const std::exception& error) {
    return failed(ExitCode::internal, std::string("internal error: ") + error.what() + " (this is a bug in qeval)");
  }
}

/// Left alone, glibc puts ever larger blocks into its heap once one of their size was freed, and there a small block
/// above them keeps them: which of a file's tensors stay in memory would be chance.
void give_freed_tensors_back() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

}  // namespace
}  // namespace qeval

int main(int argc, char** argv) {
  qeval::open_missing_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);
  qeval::give_freed_tensors_back();
  return qeval::guarded_main({argv + 1, argv + argc});
}
