#include "stages/model/weights/pth_zip_reader.h"

#include <string>

#include "stages/model/weights/pickle_machine.h"
#include "stages/model/weights/pth_checkpoint.h"
#include "stages/model/weights/pth_zip_archive.h"
#include "stages/model/weights/torchscript_refusal.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

using Bytes = std::span<const std::uint8_t>;

void require_little_endian(const PthZipArchive& archive, const std::string& prefix) {
  const auto order = archive.find(prefix + "byteorder");  // absent before torch 2.1
  if (!order) return;
  const std::string_view text(reinterpret_cast<const char*>(order->data()), order->size());
  if (text != "little")
    throw WeightsFormatError("its byte order is " + in_quotes(text) + ", not 'little'",
                             "save it on a little-endian machine");
}

Bytes find_storage(const PthZipArchive& archive, const std::string& prefix, const PickledStorage& storage) {
  const auto data = archive.find(prefix + "data/" + std::string(storage.key));
  if (!data) throw WeightsFormatError("the zip archive lacks the data of storage " + in_quotes(storage.key));
  const std::uint64_t expected = storage_bytes(storage);
  if (data->size() != expected)
    throw WeightsFormatError("storage " + in_quotes(storage.key) + " should have " + std::to_string(expected) +
                             " bytes but has " + std::to_string(data->size()));
  return *data;
}

}  // namespace

bool looks_like_zip(Bytes bytes) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), bytes.size() < 4 ? 0 : 4);
  return start == "PK\x03\x04" || start == "PK\x05\x06";
}

StateDict read_pth_zip(const std::shared_ptr<const FileBytes>& file, const std::string& key) {
  const PthZipArchive archive(file->bytes());
  const std::string prefix = std::string(archive.prefix()) + "/";
  if (archive.find(prefix + "constants.pkl")) refuse_torchscript();
  require_little_endian(archive, prefix);
  const PickleDocument document = read_pickle(*archive.find(prefix + "data.pkl"));
  std::vector<Bytes> storages;
  for (const auto& storage : document.storages) storages.push_back(find_storage(archive, prefix, storage));
  StateDictBuilder builder(file);
  add_checkpoint_tensors(document, storages, key, builder);
  return builder.finish("pth-zip");
}

}  // namespace qeval
