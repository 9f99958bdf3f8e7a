#pragma once
/// Weight files made byte by byte: pickles from composable expressions, zip archives, legacy and safetensors files.
/// Independent of the readers under test.
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/model/weights/state_dict.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {

/// The low `count` bytes of `value`, little-endian.
inline std::string little(std::uint64_t value, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// Pickle expressions -------------------------------------------------------------------------------------------------
using Expression = std::string;
using Entries = std::vector<std::pair<std::string, Expression>>;

inline Expression py_text(const std::string& text) { return "X" + little(text.size(), 4) + text; }
inline Expression py_int(std::int64_t value) { return "\x8a\x08" + little(static_cast<std::uint64_t>(value), 8); }
inline Expression py_global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

inline Expression py_sequence(const std::vector<Expression>& items) {
  Expression all = "(";
  for (const auto& item : items) all += item;
  return all + "t";
}
inline Expression py_ints(const std::vector<std::int64_t>& values) {
  std::vector<Expression> items;
  for (auto value : values) items.push_back(py_int(value));
  return py_sequence(items);
}
inline Expression py_call(const Expression& function, const std::vector<Expression>& arguments) {
  return function + py_sequence(arguments) + "R";
}
inline Expression py_dict(const Entries& entries) {
  Expression all = "}(";
  for (const auto& [key, value] : entries) all += py_text(key) + value;
  return all + "u";
}
inline Expression py_ordered_dict(const Entries& entries) {
  return py_global("collections", "OrderedDict") + ")R" + py_dict(entries).substr(1);
}
inline Expression py_storage(const std::string& type, const std::string& key, std::int64_t numel,
                             bool is_legacy = false) {
  std::vector<Expression> id{py_text("storage"), py_global("torch", type), py_text(key), py_text("cpu"), py_int(numel)};
  if (is_legacy) id.push_back("N");
  return py_sequence(id) + "Q";
}
inline Expression py_tensor(const Expression& storage, std::int64_t offset, const std::vector<std::int64_t>& shape,
                            const std::vector<std::int64_t>& strides) {
  return py_call(py_global("torch._utils", "_rebuild_tensor_v2"),
                 {storage, py_int(offset), py_ints(shape), py_ints(strides), "\x89", py_ordered_dict({})});
}
inline std::string pickle(const Expression& expression) { return "\x80\x02" + expression + "."; }

/// What `os.system(command)` pickles to on POSIX.
inline Expression py_os_system(const std::string& command) {
  return py_call(py_global("posix", "system"), {py_text(command)});
}

// Zip ----------------------------------------------------------------------------------------------------------------
struct ZipEntry {
  std::string name, data;
  int method = 0;
  int flags = 0;
  std::int64_t local_offset = -1;  ///< −1 = where it really is
  std::int64_t size = -1;          ///< as claimed in the directory; −1 = the true one
  bool zip64 = false;              ///< sizes and offset in a zip64 extra field
};

inline std::string zip_directory_entry(const ZipEntry& entry, std::uint64_t offset) {
  const auto size = entry.size < 0 ? entry.data.size() : static_cast<std::uint64_t>(entry.size);
  const auto place = entry.local_offset < 0 ? offset : static_cast<std::uint64_t>(entry.local_offset);
  const std::string extra =
      entry.zip64 ? little(1, 2) + little(24, 2) + little(size, 8) + little(size, 8) + little(place, 8) : "";
  const std::uint64_t mask = entry.zip64 ? 0xffffffff : 0;
  return "PK\x01\x02" + little(20, 2) + little(20, 2) + little(static_cast<std::uint64_t>(entry.flags), 2) +
         little(static_cast<std::uint64_t>(entry.method), 2) + little(0, 8) + little(size | mask, 4) +
         little(size | mask, 4) + little(entry.name.size(), 2) + little(extra.size(), 2) + little(0, 2) + little(0, 8) +
         little(place | mask, 4) + entry.name + extra;
}

inline std::string zip_archive(const std::vector<ZipEntry>& entries, bool zip64_end = false) {
  std::string bytes, directory;
  for (const auto& entry : entries) {
    directory += zip_directory_entry(entry, bytes.size());
    bytes += "PK\x03\x04" + little(20, 2) + little(static_cast<std::uint64_t>(entry.flags), 2) +
             little(static_cast<std::uint64_t>(entry.method), 2) + little(0, 8) + little(entry.data.size(), 4) +
             little(entry.data.size(), 4) + little(entry.name.size(), 2) + little(0, 2) + entry.name + entry.data;
  }
  const std::uint64_t start = bytes.size(), count = entries.size();
  bytes += directory;
  if (zip64_end) {
    const std::uint64_t record = bytes.size();
    bytes += "PK\x06\x06" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(count, 8) +
             little(count, 8) + little(directory.size(), 8) + little(start, 8);
    bytes += "PK\x06\x07" + little(0, 4) + little(record, 8) + little(1, 4);
    return bytes + "PK\x05\x06" + little(0, 4) + little(0xffff, 2) + little(0xffff, 2) + little(0xffffffff, 4) +
           little(0xffffffff, 4) + little(0, 2);
  }
  return bytes + "PK\x05\x06" + little(0, 4) + little(count, 2) + little(count, 2) + little(directory.size(), 4) +
         little(start, 4) + little(0, 2);
}

using Storages = std::vector<std::pair<std::string, std::string>>;  ///< key, bytes

inline std::vector<ZipEntry> pth_entries(const Expression& root, const Storages& storages) {
  std::vector<ZipEntry> entries{{.name = "net/data.pkl", .data = pickle(root)},
                                {.name = "net/byteorder", .data = "little"}};
  for (const auto& [key, bytes] : storages) entries.push_back({.name = "net/data/" + key, .data = bytes});
  return entries;
}
inline std::string pth_zip(const Expression& root, const Storages& storages = {}) {
  return zip_archive(pth_entries(root, storages));
}

// Legacy -------------------------------------------------------------------------------------------------------------
struct LegacyStorage {
  std::string key;
  std::int64_t numel;
  std::string bytes;
};

inline std::string pth_legacy(const Expression& root, const std::vector<LegacyStorage>& storages = {}) {
  const std::string magic("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12);
  const Expression system = "}(" + py_text("protocol_version") + py_int(1001) + py_text("little_endian") + "\x88u";
  std::string keys = "](", data;
  for (const auto& storage : storages) {
    keys += py_text(storage.key);
    data += little(static_cast<std::uint64_t>(storage.numel), 8) + storage.bytes;
  }
  return pickle(magic) + pickle(py_int(1001)) + pickle(system) + pickle(root) + pickle(keys + "e") + data;
}

// Safetensors --------------------------------------------------------------------------------------------------------
inline std::string safetensors(const std::string& json, const std::string& data = "") {
  return little(json.size(), 8) + json + data;
}

// Loading ------------------------------------------------------------------------------------------------------------
inline std::filesystem::path write_bytes(const TempDir& folder, const std::string& bytes,
                                         const std::string& name = "weights.bin") {
  std::filesystem::remove(folder.path() / name);  // a new file: truncating an old one makes some file systems sync
  std::ofstream(folder.path() / name, std::ios::binary) << bytes;
  return folder.path() / name;
}

inline StateDict load(const std::string& bytes) {
  TempDir folder;  // the mapping outlives the name
  return read_state_dict(write_bytes(folder, bytes));
}

/// The message of the InputError that loading must end in; empty (and a test failure) when it loads.
inline std::string load_error(const std::string& bytes) {
  try {
    load(bytes);
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "the file was accepted";
  return "";
}

inline std::vector<float> values_of(const StateDict& state, const std::string& name) {
  const auto found = state.tensors.find(name);
  if (found == state.tensors.end()) return {};
  return {found->second.values().begin(), found->second.values().end()};
}

}  // namespace qeval::test
