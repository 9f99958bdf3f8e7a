#include "stages/model/weights/pickle_globals.h"

#include <algorithm>
#include <array>

namespace qeval {
namespace {

struct Allowed {
  std::string_view module, name;
  PickleGlobal global;
};

constexpr std::array<Allowed, 9> functions{{
    {"collections", "OrderedDict", PickleGlobal::ordered_dict},
    {"torch._utils", "_rebuild_tensor", PickleGlobal::rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v2", PickleGlobal::rebuild_tensor_v2},
    {"torch._utils", "_rebuild_tensor_v3", PickleGlobal::rebuild_tensor_v3},
    {"torch._utils", "_rebuild_parameter", PickleGlobal::rebuild_parameter},
    {"torch._utils", "_rebuild_parameter_with_state", PickleGlobal::rebuild_parameter},
    {"torch._tensor", "_rebuild_from_type_v2", PickleGlobal::rebuild_from_type},
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

struct Named {
  std::string_view module, name;
};

/// Arguments, counters, settings, paths and times, as argparse, numpy, Lightning and omegaconf pickle them.
constexpr auto beside = std::to_array<Named>({
    {"argparse", "Namespace"},
    {"types", "SimpleNamespace"},
    {"collections", "Counter"},
    {"collections", "defaultdict"},
    {"collections", "deque"},
    {"_codecs", "encode"},  // of numbers' bytes, in protocol 2
    {"copyreg", "_reconstructor"},
    {"copy_reg", "_reconstructor"},
    {"builtins", "bool"},
    {"builtins", "bytearray"},
    {"builtins", "bytes"},
    {"builtins", "complex"},
    {"builtins", "dict"},
    {"builtins", "float"},
    {"builtins", "frozenset"},
    {"builtins", "int"},
    {"builtins", "list"},
    {"builtins", "object"},
    {"builtins", "range"},
    {"builtins", "set"},
    {"builtins", "slice"},
    {"builtins", "str"},
    {"builtins", "tuple"},
    {"__builtin__", "bytearray"},
    {"__builtin__", "complex"},
    {"__builtin__", "dict"},
    {"__builtin__", "float"},
    {"__builtin__", "frozenset"},
    {"__builtin__", "int"},
    {"__builtin__", "list"},
    {"__builtin__", "long"},
    {"__builtin__", "object"},
    {"__builtin__", "set"},
    {"__builtin__", "slice"},
    {"__builtin__", "str"},
    {"__builtin__", "tuple"},
    {"__builtin__", "unicode"},
    {"__builtin__", "xrange"},
    {"datetime", "date"},
    {"datetime", "datetime"},
    {"datetime", "time"},
    {"datetime", "timedelta"},
    {"datetime", "timezone"},
    {"decimal", "Decimal"},
    {"pathlib", "Path"},
    {"pathlib", "PosixPath"},
    {"pathlib", "PurePosixPath"},
    {"pathlib", "PureWindowsPath"},
    {"pathlib", "WindowsPath"},
    {"pathlib._local", "PosixPath"},
    {"pathlib._local", "WindowsPath"},
    {"uuid", "UUID"},
    {"numpy", "dtype"},
    {"numpy", "ndarray"},
    {"numpy.core.multiarray", "_reconstruct"},
    {"numpy.core.multiarray", "scalar"},
    {"numpy.core.numeric", "_frombuffer"},
    {"numpy._core.multiarray", "_reconstruct"},
    {"numpy._core.multiarray", "scalar"},
    {"numpy._core.numeric", "_frombuffer"},
    {"torch", "Tensor"},
    {"torch", "device"},
    {"torch.nn.parameter", "Buffer"},
    {"torch.nn.parameter", "Parameter"},
    {"torch.serialization", "_get_layout"},
    {"torch.torch_version", "TorchVersion"},
    {"lightning.fabric.utilities.data", "AttributeDict"},
    {"lightning_fabric.utilities.data", "AttributeDict"},
    {"lightning.pytorch.utilities.parsing", "AttributeDict"},
    {"pytorch_lightning.utilities.parsing", "AttributeDict"},
    {"omegaconf.base", "ContainerMetadata"},
    {"omegaconf.base", "Metadata"},
    {"omegaconf.dictconfig", "DictConfig"},
    {"omegaconf.listconfig", "ListConfig"},
    {"omegaconf.nodes", "AnyNode"},
    {"omegaconf.nodes", "BooleanNode"},
    {"omegaconf.nodes", "FloatNode"},
    {"omegaconf.nodes", "IntegerNode"},
    {"omegaconf.nodes", "PathNode"},
    {"omegaconf.nodes", "StringNode"},
    {"typing", "Any"},
});

}  // namespace

PickleValue resolve_pickle_global(std::string_view module, std::string_view name) {
  for (const auto& allowed : functions)
    if (allowed.module == module && allowed.name == name) return global_value(allowed.global, ElementType::u8);
  if (module == "torch") {
    if (const auto* info = find_torch_storage(name)) return global_value(PickleGlobal::storage, info->type);
    if (const auto* info = find_torch_dtype(name)) return global_value(PickleGlobal::dtype, info->type);
  }
  const auto is_it = [&](const Named& named) { return named.module == module && named.name == name; };
  const bool known = std::any_of(beside.begin(), beside.end(), is_it);
  return global_value(known ? PickleGlobal::beside : PickleGlobal::foreign, ElementType::u8);
}

}  // namespace qeval
