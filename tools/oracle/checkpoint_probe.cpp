/// Logits of an architecture with given checkpoints, for scripts that compare them with the framework that wrote those.
///
/// Reads cases from standard input until its end. One line "IMAGES VALUES ARCH PARAMETERS KEY FILE": as in
/// onnx_probe.cpp; PARAMETERS is "name=value;…" and KEY the dictionary of the checkpoint, "-" for none. Answers as
/// onnx_probe does, with which dictionary was taken and what was renamed as a third kind, "said", before the logits.
#include <iostream>
#include <string>

#include "stages/model/arch/arch.h"
#include "tools/oracle/network_answers.h"
#include "tools/oracle/probe_loop.h"

namespace qeval {
namespace {

ArchParameters parameters_of(const std::string& text) {
  ArchParameters parameters;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t equals = text.find('=', at), end = std::min(text.find(';', at), text.size());
    parameters[text.substr(at, equals - at)] = text.substr(equals + 1, end - equals - 1);
    at = end + 1;
  }
  return parameters;
}

bool answer_case() {
  int images = 0;
  std::size_t count = 0;
  std::string arch, parameters, key, file;
  if (!(std::cin >> images >> count >> arch >> parameters >> key) || !std::getline(std::cin >> std::ws, file))
    return false;
  const std::vector<float> values = read_values(count);
  answer_or_say_why([&] {
    const StateDict state = read_state_dict(file, key == "-" ? "" : key);
    std::string renamed;
    const Graph graph = build_graph(arch, parameters_of(parameters), state, &renamed);
    answer("said", "[" + state.dictionary + "] " + renamed);
    answer_network(graph, images, values);
  });
  return true;
}

}  // namespace
}  // namespace qeval

int main() { return qeval::answer_cases(qeval::answer_case); }
