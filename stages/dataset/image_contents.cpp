#include "stages/dataset/image_contents.h"

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "pipeline/run_in_parallel.h"

namespace qeval {
namespace {

void read_content(const std::filesystem::path& root, ManifestEntry& entry) {
  try {
    const FileContent content = read_regular_file(root / entry.name);
    if (content.state != entry.file)
      throw InputError(visible_name((root / entry.name).string()) +
                       ": changed between two looks at it; wait until the data set is complete, then run this again");
    entry.sha256 = sha256_of(content.bytes);
    entry.content = ImageContent::read;
  } catch (const UnreadableFile&) {
    entry.content = ImageContent::unreadable;  // the run tells it as that image's failure
  }
}

}  // namespace

std::vector<std::size_t> take_known_contents(Manifest& manifest, const KnownFiles& known) {
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < manifest.entries.size(); ++i) {
    ManifestEntry& entry = manifest.entries[i];
    const auto found = known.find(entry.name);
    if (found == known.end() || found->second.file != entry.file) {
      left.push_back(i);
      continue;
    }
    entry.sha256 = found->second.sha256;
    entry.content = ImageContent::read;
  }
  return left;
}

void read_contents(Manifest& manifest, std::span<const std::size_t> positions, int threads) {
  run_in_parallel(positions.size(), threads,
                  [&](std::size_t i) { read_content(manifest.root, manifest.entries[positions[i]]); });
}

}  // namespace qeval
