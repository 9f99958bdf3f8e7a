#pragma once
/// What the benchmarks' main functions have in common. Thread-safety: main's thread alone. Errors: those of the parser.
#include <functional>
#include <vector>

#include <boost/program_options/options_description.hpp>

namespace qeval::bench {

/// Fills what `options` point at; arguments without a name are those of `positional`, one each. --help prints the
/// options and ends the program.
void parse_command_line(int argc, char** argv, const boost::program_options::options_description& options,
                        const std::vector<const char*>& positional);

/// An exit code: 0, an error's own, or 2 for any other exception, which is written to stderr behind `name`.
/// QEVAL_MAX_ISA is obeyed.
int guarded_main(const char* name, const std::function<void()>& body);

}  // namespace qeval::bench
