#include <nlohmann/json.hpp>

#include "pipeline/base/atomic_file.h"
#include "pipeline/base/errors.h"
#include "stages/model/weights/safetensors_header.h"
#include "stages/model/weights/state_dict.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

/// Length prefix and JSON, padded with spaces so that the data starts at a multiple of 64 bytes.
std::string header_bytes(const std::map<std::string, Tensor>& tensors,
                         const std::map<std::string, std::string>& metadata) {
  constexpr std::size_t alignment = 64;
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    require_tensor_name(name);
    if (!tensor.defined()) throw InternalError("write_safetensors was given the undefined tensor " + in_quotes(name));
    const std::uint64_t end = offset + static_cast<std::uint64_t>(tensor.numel()) * sizeof(float);
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape()}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  const std::string json = header.dump();
  const std::size_t padded = (sizeof(std::uint64_t) + json.size() + alignment - 1) / alignment * alignment;
  const std::uint64_t length = padded - sizeof(std::uint64_t);
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += json;
  bytes.resize(padded, ' ');
  return bytes;
}

}  // namespace

void write_safetensors(const std::map<std::string, Tensor>& tensors, const std::filesystem::path& file,
                       const std::map<std::string, std::string>& metadata) {
  std::string header;
  try {
    header = header_bytes(tensors, metadata);
  } catch (const WeightsFormatError& error) {
    throw InputError(file.string() + ": " + error.what() + "; rename it before writing");
  }
  AtomicFile output(file);
  output.write(header.data(), header.size());
  for (const auto& [name, tensor] : tensors) output.write(tensor.data().get(), tensor.values().size_bytes());
  output.commit();
}

}  // namespace qeval
