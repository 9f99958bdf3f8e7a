#include "stages/model/weights/pth_zip_archive.h"

#include <algorithm>
#include <string>
#include <vector>

#include "stages/model/weights/byte_reader.h"
#include "stages/model/weights/torchscript_refusal.h"

namespace qeval {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50, locator64_signature = 0x07064b50;
constexpr std::size_t end_bytes = 22, locator64_bytes = 20;
constexpr std::uint64_t most_entries = 200'000;
constexpr std::uint32_t see_zip64 = 0xffffffff;

[[noreturn]] void fail(const std::string& what) { throw WeightsFormatError("the zip archive " + what); }
[[noreturn]] void fail_truncated() {
  throw WeightsFormatError("the zip archive has no end record: it is truncated", "fetch or copy it again");
}

struct Directory {
  std::uint64_t entries = 0, size = 0, offset = 0;
  std::uint64_t end = 0;  ///< where the directory must end at the latest
};

struct Entry {
  std::string_view name;
  std::uint64_t size = 0, local_offset = 0;
  std::uint64_t end = 0;  ///< of its data
  Bytes data;
};

template <class T>
T value_at(Bytes file, std::uint64_t offset) {
  return ByteReader(file.subspan(offset), "the zip archive").read<T>();
}

/// Position of the end record: the last one whose comment reaches exactly to the end of the file.
std::uint64_t find_end_record(Bytes file) {
  constexpr std::uint64_t longest_comment = 0xffff;
  if (file.size() < end_bytes) fail_truncated();
  const std::uint64_t last = file.size() - end_bytes;
  const std::uint64_t first = last > longest_comment ? last - longest_comment : 0;
  for (std::uint64_t position = last + 1; position-- > first;) {
    if (value_at<std::uint32_t>(file, position) == end_signature &&
        position + end_bytes + value_at<std::uint16_t>(file, position + 20) == file.size())
      return position;
  }
  fail_truncated();
}

Directory read_zip64_end(Bytes file, std::uint64_t locator) {
  const auto record = value_at<std::uint64_t>(file, locator + 8);
  if (record > locator) fail("has a zip64 end record outside the file");
  ByteReader reader(file.subspan(record, locator - record), "the zip64 end record");
  if (reader.read<std::uint32_t>() != end64_signature) fail("has a damaged zip64 end record");
  reader.take(20);               // record size, versions, disk numbers
  reader.read<std::uint64_t>();  // entries on this disk
  Directory directory;
  directory.entries = reader.read<std::uint64_t>();
  directory.size = reader.read<std::uint64_t>();
  directory.offset = reader.read<std::uint64_t>();
  directory.end = record;
  return directory;
}

Directory read_end(Bytes file) {
  const std::uint64_t position = find_end_record(file);
  if (position >= locator64_bytes && value_at<std::uint32_t>(file, position - locator64_bytes) == locator64_signature)
    return read_zip64_end(file, position - locator64_bytes);
  ByteReader reader(file.subspan(position + 10), "the zip end record");
  Directory directory;
  directory.entries = reader.read<std::uint16_t>();
  directory.size = reader.read<std::uint32_t>();
  directory.offset = reader.read<std::uint32_t>();
  directory.end = position;
  return directory;
}

/// Replaces sizes and offset that did not fit 32 bits, in the order the format prescribes.
void apply_zip64_extra(Bytes extra, std::uint64_t& size, std::uint64_t& stored_size, std::uint64_t& offset) {
  if (size != see_zip64 && stored_size != see_zip64 && offset != see_zip64) return;
  ByteReader reader(extra, "a zip entry's extra field");
  while (reader.remaining() >= 4) {
    const auto id = reader.read<std::uint16_t>();
    const Bytes part = reader.take(reader.read<std::uint16_t>());
    if (id != 1) continue;
    ByteReader wide(part, "a zip64 extra field");
    for (std::uint64_t* value : {&size, &stored_size, &offset})
      if (*value == see_zip64) *value = wide.read<std::uint64_t>();
    return;
  }
}

/// The entry's data, after checking that its local header agrees with the directory.
Bytes entry_data(Bytes file, const Entry& entry, std::uint64_t limit) {
  if (entry.local_offset > limit) fail("has entry " + in_quotes(entry.name) + " outside the file");
  ByteReader reader(file.subspan(entry.local_offset, limit - entry.local_offset), "a zip entry");
  if (reader.read<std::uint32_t>() != local_signature) fail("has no header for entry " + in_quotes(entry.name));
  reader.take(22);
  const auto name_length = reader.read<std::uint16_t>();
  const auto extra_length = reader.read<std::uint16_t>();
  if (reader.text(name_length) != entry.name) fail("has two names for entry " + in_quotes(entry.name));
  reader.take(extra_length);
  if (entry.size > reader.remaining())
    fail("has entry " + in_quotes(entry.name) + " of " + std::to_string(entry.size) +
         " bytes, which do not fit the file");
  return reader.take(entry.size);
}

Entry read_central_entry(ByteReader& reader, Bytes file, std::uint64_t limit) {
  if (reader.read<std::uint32_t>() != central_signature) fail("has a damaged directory");
  reader.take(4);
  const auto flags = reader.read<std::uint16_t>();
  const auto method = reader.read<std::uint16_t>();
  reader.take(8);  // time, date, checksum
  std::uint64_t stored_size = reader.read<std::uint32_t>();
  Entry entry;
  entry.size = reader.read<std::uint32_t>();
  const auto name_length = reader.read<std::uint16_t>();
  const auto extra_length = reader.read<std::uint16_t>();
  const auto comment_length = reader.read<std::uint16_t>();
  reader.take(8);  // disk, attributes
  entry.local_offset = reader.read<std::uint32_t>();
  entry.name = reader.text(name_length);
  const Bytes extra = reader.take(extra_length);
  reader.take(comment_length);

  if (flags & 1) fail("has the encrypted entry " + in_quotes(entry.name));
  // The code of a TorchScript archive is compressed, and nothing else in it.
  if (method != 0 && entry.name.find("/code/") != std::string_view::npos) refuse_torchscript();
  if (method != 0)
    throw WeightsFormatError("the zip archive has the compressed entry " + in_quotes(entry.name) + " (method " +
                                 std::to_string(method) + "); torch.save stores without compression",
                             "unpack it, or save the weights with torch.save");
  apply_zip64_extra(extra, entry.size, stored_size, entry.local_offset);
  if (stored_size != entry.size) fail("has two sizes for the stored entry " + in_quotes(entry.name));
  entry.data = entry_data(file, entry, limit);
  entry.end = static_cast<std::uint64_t>(entry.data.data() - file.data()) + entry.size;
  return entry;
}

void refuse_overlaps(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.local_offset < b.local_offset; });
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (entries[i].local_offset < entries[i - 1].end)
      fail("has the overlapping entries " + in_quotes(entries[i - 1].name) + " and " + in_quotes(entries[i].name));
}

}  // namespace

PthZipArchive::PthZipArchive(Bytes file) {
  const Directory directory = read_end(file);
  if (directory.offset > directory.end || directory.size > directory.end - directory.offset)
    fail("has its directory outside the file");
  if (directory.entries > most_entries) fail("claims " + std::to_string(directory.entries) + " entries");
  ByteReader reader(file.subspan(directory.offset, directory.size), "the zip directory");
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    entries.push_back(read_central_entry(reader, file, directory.offset));
    if (!entries_.emplace(entries.back().name, entries.back().data).second)
      fail("has two entries named " + in_quotes(entries.back().name));
  }
  refuse_overlaps(entries);
}

std::optional<Bytes> PthZipArchive::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

std::string_view PthZipArchive::prefix() const {
  constexpr std::string_view pickle = "/data.pkl";
  std::optional<std::string_view> prefix;
  for (const auto& [name, data] : entries_) {
    if (!name.ends_with(pickle)) continue;
    const auto folder = name.substr(0, name.size() - pickle.size());
    if (folder.find('/') != std::string_view::npos) continue;
    if (prefix) fail("has more than one data.pkl");
    prefix = folder;
  }
  if (!prefix)
    throw WeightsFormatError("the zip archive has no <folder>/data.pkl, so torch.save did not write it",
                             "give the .pth file itself, not an archive around it");
  return *prefix;
}

}  // namespace qeval
