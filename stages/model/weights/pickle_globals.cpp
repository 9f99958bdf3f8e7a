#include "stages/model/weights/pickle_globals.h"

#include <array>
#include <string>

#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

struct Allowed {
  std::string_view module, name;
  PickleGlobal global;
};

constexpr std::array<Allowed, 7> functions{{
    {"collections", "OrderedDict", PickleGlobal::ordered_dict},
    {"torch._utils", "_rebuild_tensor", PickleGlobal::rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v2", PickleGlobal::rebuild_tensor_v2},
    {"torch._utils", "_rebuild_tensor_v3", PickleGlobal::rebuild_tensor_v3},
    {"torch._utils", "_rebuild_parameter", PickleGlobal::rebuild_parameter},
    {"torch", "Size", PickleGlobal::size},
    {"torch.storage", "UntypedStorage", PickleGlobal::storage},  // element type: bytes
}};

PickleValue global_value(PickleGlobal global, ElementType type) {
  PickleValue value;
  value.kind = PickleValue::Kind::global;
  value.global = global;
  value.element_type = type;
  return value;
}

/// Beside a dictionary, checkpoints hold arguments and counters; what else has a class is the network itself.
const char* weights_of_saved(std::string_view module) {
  const std::string_view package = module.substr(0, module.find('.'));
  for (const std::string_view beside : {"argparse", "collections", "numpy", "omegaconf", "pathlib", "types"})
    if (package == beside) return "{key: saved[key] for key in saved if key.startswith((\"state_dict\", \"model\"))}";
  return "saved.state_dict()";
}

}  // namespace

PickleValue resolve_pickle_global(std::string_view module, std::string_view name) {
  for (const auto& allowed : functions)
    if (allowed.module == module && allowed.name == name) return global_value(allowed.global, ElementType::u8);
  if (module == "torch") {
    if (const auto* info = find_torch_storage(name)) return global_value(PickleGlobal::storage, info->type);
    if (const auto* info = find_torch_dtype(name)) return global_value(PickleGlobal::dtype, info->type);
  }
  throw WeightsFormatError("refers to " + in_quotes(std::string(module) + "." + std::string(name)) +
                               ", which a file of plain weights does not need; nothing was executed",
                           std::string("if you trust the file, take the weights out of it in Python:\n"
                                       "  import torch\n"
                                       "  saved = torch.load(\"FILE\", map_location=\"cpu\", weights_only=False)\n"
                                       "  torch.save(") +
                               weights_of_saved(module) + ", \"weights.pth\")");
}

}  // namespace qeval
