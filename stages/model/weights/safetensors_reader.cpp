#include "stages/model/weights/safetensors_reader.h"

#include "stages/model/weights/byte_reader.h"
#include "stages/model/weights/safetensors_header.h"

namespace qeval {
namespace {

StoredTensor stored_tensor(const SafetensorsEntry& entry, std::span<const std::uint8_t> data) {
  const ElementTypeInfo* info = find_safetensors_type(entry.dtype);
  if (info == nullptr)
    throw WeightsFormatError("has the dtype " + in_quotes(entry.dtype) + ", which is not supported",
                             "convert it to F32, F16, BF16 or F64");
  const auto numel = static_cast<std::uint64_t>(checked_numel(entry.shape));
  const std::uint64_t stored_bytes = entry.end - entry.begin;
  if (numel > UINT64_MAX / info->size_bytes || numel * info->size_bytes != stored_bytes)
    throw WeightsFormatError("has " + std::to_string(numel) + " elements of " + std::string(info->safetensors) +
                             " but " + std::to_string(stored_bytes) + " bytes of data");
  return {info->type, entry.shape, contiguous_strides(entry.shape), 0, data.subspan(entry.begin, stored_bytes)};
}

}  // namespace

bool looks_like_safetensors(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 9 || bytes[8] != '{') return false;
  const bool is_zip = bytes[0] == 'P' && bytes[1] == 'K' && bytes[2] == 3 && bytes[3] == 4;
  // A header length whose low byte is the pickle mark 0x80 is told apart by its high bytes.
  const bool may_be_pickle = bytes[0] == 0x80 && (bytes[4] | bytes[5] | bytes[6] | bytes[7]) != 0;
  return !is_zip && !may_be_pickle;
}

StateDict read_safetensors(const std::shared_ptr<const FileBytes>& file) {
  ByteReader reader(file->bytes(), "the safetensors file");
  const auto header_bytes = reader.read<std::uint64_t>();
  if (header_bytes > safetensors_most_header_bytes)
    throw WeightsFormatError("claims a safetensors header of " + std::to_string(header_bytes) +
                             " bytes; 100 MB is the format's limit");
  std::map<std::string, std::string> metadata;
  const auto entries = parse_safetensors_header(reader.text(header_bytes), &metadata);
  const auto data = reader.take(reader.remaining());
  check_safetensors_layout(entries, data.size());

  StateDictBuilder builder(file);
  for (const auto& entry : entries) {
    StoredTensor tensor;
    try {
      tensor = stored_tensor(entry, data);
    } catch (const WeightsFormatError& error) {
      throw WeightsFormatError("tensor " + in_quotes(entry.name) + " " + error.what(), error.fix());
    }
    builder.add(entry.name, tensor, true);  // entries do not overlap
  }
  StateDict state = builder.finish("safetensors");
  state.random = metadata.count(random_weights_mark) != 0;
  return state;
}

}  // namespace qeval
