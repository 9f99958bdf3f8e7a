#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "tools/qeval/commands/encodings_commands.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

const std::vector<Verb>& commands() {
  static const std::vector<Verb> all{
      {"list", "[options]", "the stored encoding sets", list_encodings},
      {"show", "SET|FILE [options]", "every encoding of a set or an AIMET file", show_encodings},
      {"import", "FILE [options]", "store an AIMET encodings file as a set", import_encodings},
      {"export", "SET -o FILE [options]", "write a set as an AIMET file, of any version", export_encodings},
      {"diff", "A B [options]", "whose ranges disagree, and how far; sets, files", diff_encodings_command}};
  return all;
}

void print_help() {
  out("usage: qeval encodings COMMAND …\n\n");
  for (const Verb& command : commands()) out("  {:<7} {:<22} {}\n", command.name, command.synopsis, command.summary);
  out("\nSET: a set's number or name, or a run that used it.\n`qeval encodings COMMAND --help` lists options.\n");
}

}  // namespace

int encodings_verb(const std::vector<std::string>& arguments) {
  if (arguments.empty()) throw UsageError("encodings: which command? list, show, import, export or diff");
  if (arguments.front() == "--help" || arguments.front() == "-h") {
    print_help();
    return 0;
  }
  std::vector<std::string> names;
  for (const Verb& command : commands()) {
    if (arguments.front() == command.name) return command.run({arguments.begin() + 1, arguments.end()});
    names.push_back(command.name);
  }
  throw UsageError("encodings: unknown command '" + arguments.front() + "'" + did_you_mean(arguments.front(), names));
}

}  // namespace qeval
