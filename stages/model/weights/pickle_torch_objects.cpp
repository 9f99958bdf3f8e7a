#include "stages/model/weights/pickle_torch_objects.h"

#include <string>

#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

using Kind = PickleValue::Kind;

// A call costs three operations however long its shared arguments are, so each copy made here needs its own bound.
constexpr std::size_t most_axes = 64;
constexpr std::size_t most_arguments = 8;

[[noreturn]] void fail(const std::string& what) { throw WeightsFormatError("the pickle " + what); }

const PickleValue& require(const PickleDocument& document, PickleId id, Kind kind, const char* role) {
  const PickleValue& value = document.at(id);
  if (value.kind != kind)
    fail(std::string("has a ") + kind_name(value.kind) + " as " + role + ", expected a " + kind_name(kind));
  return value;
}

std::vector<std::int64_t> integers(const PickleDocument& document, PickleId id, const char* role) {
  std::vector<std::int64_t> result;
  const auto& items = require(document, id, Kind::tuple, role).items;
  if (items.size() > most_axes) fail(std::string("has a ") + role + " of " + std::to_string(items.size()) + " numbers");
  for (PickleId item : items) result.push_back(require(document, item, Kind::integer, role).integer);
  return result;
}

PickleId add_kind(PickleDocument& document, Kind kind, std::int64_t index) {
  PickleValue value;
  value.kind = kind;
  value.integer = index;
  return document.add(std::move(value));
}

/// (storage, offset, size, stride, …) and, for v3, the dtype as seventh argument.
PickleId rebuild_tensor(PickleDocument& document, const std::vector<PickleId>& arguments, bool has_dtype) {
  PickledTensor tensor;
  tensor.storage = static_cast<std::size_t>(require(document, arguments[0], Kind::storage, "tensor storage").integer);
  tensor.type = document.storages[tensor.storage].type;
  tensor.offset = require(document, arguments[1], Kind::integer, "storage offset").integer;
  tensor.shape = integers(document, arguments[2], "tensor size");
  tensor.strides = integers(document, arguments[3], "tensor stride");
  if (has_dtype) {
    const PickleValue& dtype = require(document, arguments[6], Kind::global, "dtype");
    if (dtype.global != PickleGlobal::dtype) fail("has a function in place of a dtype");
    tensor.type = dtype.element_type;
  }
  document.tensors.push_back(std::move(tensor));
  return add_kind(document, Kind::tensor, static_cast<std::int64_t>(document.tensors.size() - 1));
}

/// OrderedDict() or, from Python 2, OrderedDict([[key, value], …]).
PickleId ordered_dict(PickleDocument& document, const std::vector<PickleId>& arguments) {
  PickleValue dict;
  dict.kind = Kind::dict;
  if (!arguments.empty()) {
    const auto& pairs = require(document, arguments[0], Kind::list, "OrderedDict argument").items;
    document.count_copied_pairs(pairs.size());
    for (PickleId pair_id : pairs) {
      const PickleValue& pair = document.at(pair_id);
      if ((pair.kind != Kind::list && pair.kind != Kind::tuple) || pair.items.size() != 2)
        fail("makes an OrderedDict from something that is not a pair");
      dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
    }
  }
  return document.add(std::move(dict));
}

void require_count(const std::vector<PickleId>& arguments, std::size_t least, std::size_t most, const char* name) {
  if (arguments.size() < least || arguments.size() > most)
    fail(std::string("calls ") + name + " with " + std::to_string(arguments.size()) + " arguments");
}

/// _rebuild_from_type_v2(function, type, arguments, state): a tensor with attributes, which hold no weights.
PickleId rebuild_from_type(PickleDocument& document, const std::vector<PickleId>& arguments) {
  const PickleValue& function = require(document, arguments[0], Kind::global, "called function");
  if (function.global == PickleGlobal::rebuild_from_type) fail("rebuilds a tensor by rebuilding it");
  return reduce_torch_object(document, arguments[0], arguments[2]);
}

}  // namespace

PickleId reduce_torch_object(PickleDocument& document, PickleId function, PickleId arguments_id) {
  if (is_read_over(document.at(function))) return add_kind(document, Kind::object, 0);
  const PickleGlobal global = require(document, function, Kind::global, "called function").global;
  const auto& shared_arguments = require(document, arguments_id, Kind::tuple, "arguments").items;
  require_count(shared_arguments, 0, most_arguments, "a function");
  const std::vector<PickleId> arguments = shared_arguments;  // a copy: adding values may move the arena
  switch (global) {
    case PickleGlobal::ordered_dict:
      require_count(arguments, 0, 1, "OrderedDict");
      return ordered_dict(document, arguments);
    case PickleGlobal::rebuild_tensor:
      require_count(arguments, 4, 4, "_rebuild_tensor");
      return rebuild_tensor(document, arguments, false);
    case PickleGlobal::rebuild_tensor_v2:
      require_count(arguments, 6, 7, "_rebuild_tensor_v2");
      return rebuild_tensor(document, arguments, false);
    case PickleGlobal::rebuild_tensor_v3:
      require_count(arguments, 7, 8, "_rebuild_tensor_v3");
      return rebuild_tensor(document, arguments, true);
    case PickleGlobal::rebuild_parameter:
      require_count(arguments, 3, 4, "_rebuild_parameter");
      require(document, arguments[0], Kind::tensor, "parameter data");
      return arguments[0];
    case PickleGlobal::rebuild_from_type:
      require_count(arguments, 4, 4, "_rebuild_from_type_v2");
      return rebuild_from_type(document, arguments);
    case PickleGlobal::size:
      require_count(arguments, 1, 1, "Size");
      require(document, arguments[0], Kind::tuple, "torch.Size argument");
      return arguments[0];
    case PickleGlobal::storage:
    case PickleGlobal::dtype:
    case PickleGlobal::beside:
    case PickleGlobal::foreign: break;
  }
  fail("calls a storage class or a dtype");
}

PickleId load_torch_storage(PickleDocument& document, PickleId persistent_id) {
  const auto& id = require(document, persistent_id, Kind::tuple, "persistent id").items;
  if (id.size() < 5 || id.size() > 6) fail("has a persistent id of " + std::to_string(id.size()) + " parts");
  const auto tag = require(document, id[0], Kind::text, "persistent id tag").text;
  if (tag != "storage") fail("has a persistent id " + in_quotes(tag) + " where only storages are allowed");
  const PickleValue& type = require(document, id[1], Kind::global, "storage class");
  if (type.global != PickleGlobal::storage) fail("has a storage whose class is not one");
  if (id.size() == 6 && document.at(id[5]).kind != Kind::none)
    throw WeightsFormatError("the pickle has storage views, which torch stopped writing in 0.4",
                             "load and save the checkpoint with a current torch");
  PickledStorage storage{require(document, id[2], Kind::text, "storage key").text, type.element_type,
                         require(document, id[4], Kind::integer, "storage size").integer};
  if (storage.numel < 0) fail("has a storage of the negative size " + std::to_string(storage.numel));
  return add_kind(document, Kind::storage, static_cast<std::int64_t>(document.intern_storage(storage)));
}

}  // namespace qeval
