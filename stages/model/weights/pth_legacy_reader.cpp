#include "stages/model/weights/pth_legacy_reader.h"

#include <string>
#include <unordered_map>

#include "stages/model/weights/byte_reader.h"
#include "stages/model/weights/pickle_machine.h"
#include "stages/model/weights/pth_checkpoint.h"

namespace qeval {
namespace {

using Kind = PickleValue::Kind;
using Bytes = std::span<const std::uint8_t>;

/// 0x1950a86a20f9469cfc6c, little-endian.
constexpr std::string_view magic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::int64_t known_version = 1001;

/// Reads the pickles of the file one after the other.
class PickleSequence {
 public:
  explicit PickleSequence(Bytes file) : file_(file) {}
  PickleDocument next() {
    PickleDocument document = read_pickle(file_.subspan(position_));
    position_ += document.bytes_read;
    return document;
  }
  Bytes rest() const { return file_.subspan(position_); }

 private:
  Bytes file_;
  std::size_t position_ = 0;
};

void check_preamble(PickleSequence& pickles) {
  const PickleDocument first = pickles.next();
  if (const auto& value = first.at(first.root); value.kind != Kind::big_integer || value.text != magic)
    throw WeightsFormatError("is a Python pickle that torch.save did not write",
                             "save the weights with torch.save(model.state_dict(), …) or as safetensors");
  const PickleDocument version = pickles.next();
  if (const auto& value = version.at(version.root); value.kind != Kind::integer || value.integer != known_version)
    throw WeightsFormatError("has a version of torch's legacy format other than 1001", "save it with a current torch");
  const PickleDocument system = pickles.next();
  const auto& items = system.at(system.root).items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    if (system.at(items[i]).text == "little_endian" && system.at(items[i + 1]).integer != 1)
      throw WeightsFormatError("was written on a big-endian machine", "save it on a little-endian machine");
}

std::vector<std::string_view> read_keys(const PickleDocument& document) {
  const auto& root = document.at(document.root);
  if (root.kind != Kind::list) throw WeightsFormatError("its list of storage keys is not a list");
  std::vector<std::string_view> keys;
  for (PickleId item : root.items) {
    if (document.at(item).kind != Kind::text)
      throw WeightsFormatError("its list of storage keys holds something that is not text");
    keys.push_back(document.at(item).text);
  }
  return keys;
}

Bytes read_storage(ByteReader& reader, const PickledStorage& storage) {
  const auto numel = reader.read<std::int64_t>();
  if (numel != storage.numel)
    throw WeightsFormatError("storage " + in_quotes(storage.key) + " should have " + std::to_string(storage.numel) +
                             " elements but has " + std::to_string(numel));
  const std::uint64_t size = storage_bytes(storage);
  if (size > reader.remaining())
    throw WeightsFormatError("storage " + in_quotes(storage.key) + " needs " + std::to_string(size) +
                                 " bytes, but only " + std::to_string(reader.remaining()) +
                                 " are left: the file is truncated",
                             "fetch or copy it again");
  return reader.take(size);
}

std::vector<Bytes> read_storages(const PickleDocument& document, const std::vector<std::string_view>& keys,
                                 Bytes data) {
  std::unordered_map<std::string_view, std::size_t> missing;
  for (std::size_t i = 0; i < document.storages.size(); ++i) missing.emplace(document.storages[i].key, i);
  std::vector<Bytes> storages(document.storages.size());
  ByteReader reader(data, "the storage data");
  for (std::string_view key : keys) {
    const auto found = missing.find(key);
    if (found == missing.end())
      throw WeightsFormatError("its data lists storage " + in_quotes(key) + " twice or without a tensor that uses it");
    storages[found->second] = read_storage(reader, document.storages[found->second]);
    missing.erase(found);
  }
  if (!missing.empty()) throw WeightsFormatError("lacks the data of storage " + in_quotes(missing.begin()->first));
  return storages;
}

}  // namespace

bool looks_like_pickle(Bytes bytes) { return bytes.size() >= 2 && bytes[0] == 0x80; }

StateDict read_pth_legacy(const std::shared_ptr<const FileBytes>& file, const std::string& key) {
  PickleSequence pickles(file->bytes());
  check_preamble(pickles);
  const PickleDocument document = pickles.next();
  const PickleDocument key_list = pickles.next();
  const auto storages = read_storages(document, read_keys(key_list), pickles.rest());
  StateDictBuilder builder(file);
  add_checkpoint_tensors(document, storages, key, builder);
  return builder.finish("pth-legacy");
}

}  // namespace qeval
