#include "tools/bench/command_line.h"

#include <cstdlib>
#include <iostream>

#include <boost/program_options.hpp>

#include "pipeline/base/errors.h"
#include "tools/qeval/instruction_limit.h"

namespace qeval::bench {

void parse_command_line(int argc, char** argv, const boost::program_options::options_description& options,
                        const std::vector<const char*>& positional) {
  namespace po = boost::program_options;
  po::positional_options_description places;
  for (const char* name : positional) places.add(name, 1);
  po::variables_map values;
  po::store(po::command_line_parser(argc, argv).options(options).positional(places).run(), values);
  if (values.count("help")) {
    std::cout << options;
    std::exit(0);
  }
  po::notify(values);
}

int guarded_main(const char* name, const std::function<void()>& body) {
  try {
    limit_instruction_sets();
    body();
    return 0;
  } catch (const Error& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 2;
  }
}

}  // namespace qeval::bench
