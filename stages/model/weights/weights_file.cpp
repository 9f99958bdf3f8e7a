#include "stages/model/weights/weights_file.h"

#include <algorithm>
#include <vector>

// As inline functions: whoever is linked with this library needs no other one for them.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/sha256.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what, const std::string& fix) {
  throw InputError(visible_name(file.string()) + ": " + what + "; " + fix);
}

[[noreturn]] void fail(const std::filesystem::path& file, const UnreadableFile& error) {
  using Why = UnreadableFile::Why;
  switch (error.why()) {
    case Why::missing: fail(file, "no such weights file", "check the path");
    case Why::forbidden: fail(file, "no permission to read the weights file", "check its owner and mode");
    case Why::folder: fail(file, "is a folder, not a weights file", "name the file in it");
    case Why::not_regular: fail(file, "is not a regular file", "weights must be a file on disk, not a pipe or device");
    case Why::other: break;
  }
  fail(file, std::string("the weights file cannot be read: ") + error.what(), "check the path and the disk");
}

/// Both hashes of what is read: the one that names it, and one that tells it again.
class Hashes {
 public:
  Hashes() { XXH3_128bits_reset(&fast_); }

  void add(std::span<const std::uint8_t> bytes, bool named) {
    if (named) name_.add_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    XXH3_128bits_update(&fast_, bytes.data(), bytes.size());
  }
  std::string name() { return name_.hex(); }
  std::array<std::uint64_t, 2> fingerprint() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&fast_);
    return {hash.low64, hash.high64};
  }

 private:
  Sha256 name_;
  XXH3_state_t fast_;
};

constexpr std::size_t piece_bytes = 1u << 20;

}  // namespace

WeightsFile::WeightsFile(const std::filesystem::path& path) try : path_(path), file_(path) {
  size_ = static_cast<std::size_t>(file_->state().bytes);
  if (size_ == 0) fail(path_, "the weights file is empty", "fetch or save it again");
} catch (const UnreadableFile& error) {
  fail(path, error);
}

void WeightsFile::read(std::span<std::uint8_t> target) {
  read_pieces(
      [&](std::size_t done) { return target.subspan(done).first(std::min(piece_bytes, target.size() - done)); });
}

const std::string& WeightsFile::sha256() {
  if (sha256_.empty()) {
    std::vector<std::uint8_t> piece(piece_bytes);
    read_pieces([&](std::size_t done) { return std::span(piece).first(std::min(piece_bytes, size_ - done)); });
  }
  return sha256_;
}

/// `next`: where the piece behind so many bytes goes; empty behind the last.
void WeightsFile::read_pieces(const std::function<std::span<std::uint8_t>(std::size_t)>& next) try {
  const bool first_time = sha256_.empty();
  if (file_)
    file_->rewind();
  else
    file_.emplace(path_);
  Hashes hashes;
  std::size_t done = 0;
  for (std::span<std::uint8_t> piece = next(done); !piece.empty(); piece = next(done)) {
    const std::size_t count = file_->read(piece);
    if (count == 0) break;
    hashes.add(piece.first(count), first_time);
    done += count;
  }
  const FileState now = file_->state_now(), &before = file_->state();
  if (first_time) {
    if (done != size_ || now.bytes != before.bytes || now.modified_ns != before.modified_ns)
      fail(path_, "changed while it was being read", "wait until it is complete, then run this again");
    sha256_ = hashes.name();
    fingerprint_ = hashes.fingerprint();
  } else if (static_cast<std::size_t>(now.bytes) != size_ || hashes.fingerprint() != fingerprint_) {
    fail(path_, "has changed since the job was checked", "start the job again");
  }
} catch (const UnreadableFile& error) {
  fail(path_, error);
}

WeightsFile& WeightsFiles::open(const std::filesystem::path& path) {
  WeightsFile& file = files_.try_emplace(path, path).first->second;
  std::erase(open_, &file);
  open_.push_back(&file);
  if (open_.size() > most_open) {
    open_.front()->close();
    open_.erase(open_.begin());
  }
  return file;
}

}  // namespace qeval
