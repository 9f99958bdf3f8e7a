#include <limits>

#include <fmt/core.h>

#include "jobs/prepare/output_files.h"
#include "pipeline/base/errors.h"
#include "stages/model/arch/arch.h"
#include "stages/model/weights/state_dict.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/user_memory.h"

namespace qeval {

int make_weights_verb(const std::vector<std::string>& arguments) {
  Options options("make-weights ARCH --seed N -o FILE");
  options.positional("arch", 1);
  options.value("seed", "N", "same seed, same file (default 0)")
      .value("output,o", "FILE", "safetensors file to write")
      .flag("force", "replace a file that qeval did not write")
      .values("parameter", "NAME=VALUE", "architecture parameter, e.g. num_classes=10 (repeatable)");
  if (!options.parse(arguments)) return 0;
  if (!options.given("arch") || !options.given("output"))
    throw UsageError("usage: qeval make-weights ARCH --seed N -o FILE (`qeval list archs` names the architectures)");

  ArchParameters parameters;
  for (const std::string& text : options.list("parameter")) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw UsageError("--parameter " + text + ": expected NAME=VALUE");
    parameters[text.substr(0, equals)] = text.substr(equals + 1);
  }
  const std::string arch = options.list("arch").front(), file = options.text("output");
  const auto seed = options.integer("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(0);
  const auto memory = open_user_memory();
  const OutputFiles outputs(options.given("force"), memory.get());
  outputs.check(file);
  const auto weights = random_weights(arch, parameters, static_cast<std::uint64_t>(seed));
  outputs.write(file, [&] { write_safetensors(weights, file, {{random_weights_mark, fmt::format("seed {}", seed)}}); });
  std::int64_t values = 0;
  for (const auto& [name, tensor] : weights) values += tensor.numel();
  out("{}: {} tensors, {:.1f} M values, random with seed {}\n", file, weights.size(), static_cast<double>(values) / 1e6,
      seed);
  return 0;
}

}  // namespace qeval
