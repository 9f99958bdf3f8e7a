#include "stages/dataset/manifest.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/dataset/text_lines.h"

namespace qeval {
namespace {

Manifest without_entries(const Manifest& manifest) { return {manifest.root, {}, manifest.classes}; }

std::string content_text(const ManifestEntry& entry) {
  switch (entry.content) {
    case ImageContent::read: return hex_text(entry.sha256);
    case ImageContent::unreadable: return "unreadable";
    case ImageContent::unknown: break;
  }
  throw InternalError("the content of image " + entry.name + " is not known yet");
}

}  // namespace

std::string Manifest::fingerprint() const {
  // NUL ends a name and cannot be part of one, so that no two lists have the same text.
  Sha256 hash;
  for (const ManifestEntry& entry : entries) {
    hash.add_bytes(entry.name);
    hash.add_bytes(std::string_view("\0", 1));
    hash.add_bytes(std::to_string(entry.label) + " " + content_text(entry) + "\n");
  }
  return hash.hex();
}

Sha256Digest sha256_of(std::span<const std::uint8_t> bytes) {
  return Sha256().add_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()}).digest();
}

Manifest keep_first(const Manifest& manifest, std::int64_t count) {
  Manifest kept = without_entries(manifest);
  const auto limit = std::clamp<std::int64_t>(count, 0, static_cast<std::int64_t>(manifest.entries.size()));
  kept.entries.assign(manifest.entries.begin(), manifest.entries.begin() + limit);
  return kept;
}

Manifest keep_per_class(const Manifest& manifest, int count) {
  Manifest kept = without_entries(manifest);
  std::map<int, int> taken;
  for (const ManifestEntry& entry : manifest.entries) {
    if (taken[entry.label] >= count) continue;
    ++taken[entry.label];
    kept.entries.push_back(entry);
  }
  return kept;
}

Manifest keep_listed(const Manifest& manifest, const std::filesystem::path& names) {
  std::unordered_map<std::string_view, const ManifestEntry*> by_name;
  for (const ManifestEntry& entry : manifest.entries) by_name.emplace(entry.name, &entry);

  Manifest kept = without_entries(manifest);
  const std::vector<std::string> lines = read_lines(names);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const auto found = by_name.find(lines[i]);
    if (found == by_name.end()) {
      throw InputError(line_prefix(names, i) + "\"" + visible_name(lines[i]) +
                       "\" is not in the data set; names are relative to " + visible_name(manifest.root.string()));
    }
    kept.entries.push_back(*found->second);
  }
  if (kept.entries.empty())
    throw InputError(visible_name(names.string()) + ": lists no image; write one name per line");
  return kept;
}

}  // namespace qeval
