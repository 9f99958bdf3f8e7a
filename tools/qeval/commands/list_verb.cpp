#include "pipeline/base/errors.h"
#include "stages/model/arch/arch.h"
#include "stages/model/onnx/import_onnx.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {

int list_verb(const std::vector<std::string>& arguments) {
  Options options("list archs");
  options.positional("what", 1);
  if (!options.parse(arguments)) return 0;
  if (options.list("what") != std::vector<std::string>{"archs"}) throw UsageError("usage: qeval list archs");
  for (const std::string& name : arch_names()) out("{}\n", name);
  out("{} (any supported ONNX file as model.weights)\n", onnx_arch_name);
  return 0;
}

}  // namespace qeval
