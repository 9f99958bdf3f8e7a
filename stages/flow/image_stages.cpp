#include "stages/flow/image_stages.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>

#include "pipeline/errors.h"
#include "stages/flow/image_payload.h"

namespace qeval {
namespace {

ImageItem& image_of(Item& item) { return static_cast<ImageItem&>(*item.payload); }

ImageBatch& batch_of(Item& item) { return static_cast<ImageBatch&>(*item.batch->payload); }

ImageFacts& facts_of(Item& item) { return batch_of(item).facts[static_cast<std::size_t>(item.slot)]; }

[[noreturn]] void unreadable(const std::string& path) {
  throw ItemError("unreadable", path + ": " + std::strerror(errno));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) unreadable(path);
  }
  ~FileDescriptor() { ::close(fd_); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::vector<std::uint8_t> read_file(const std::string& path, std::int64_t expected_bytes) {
  FileDescriptor fd(path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) unreadable(path);
  if (!S_ISREG(status.st_mode)) throw ItemError("unreadable", path + ": not a regular file");
  if (status.st_size != expected_bytes)
    throw ItemError("changed", path + ": " + std::to_string(status.st_size) + " bytes, but " +
                                   std::to_string(expected_bytes) + " when the data set was scanned");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(fd.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) unreadable(path);
    if (n == 0) throw ItemError("changed", path + ": shrank while it was read");
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

}  // namespace

void ReadStage::process(Item& item) const {
  const ManifestEntry& entry = manifest_.entries[static_cast<std::size_t>(item.index)];
  auto payload = std::make_unique<ImageItem>();
  payload->file = read_file((manifest_.root / entry.name).string(), entry.bytes);
  facts_of(item).xxh64 = XXH64(payload->file.data(), payload->file.size(), 0);
  item.payload = std::move(payload);
}

void DecodeStage::process(Item& item) const {
  ImageItem& data = image_of(item);
  DecodedJpeg decoded = decode_jpeg(data.file, limits_);
  data.file = {};
  ImageFacts& facts = facts_of(item);
  facts.width = decoded.image.width;
  facts.height = decoded.image.height;
  facts.warnings = decoded.warnings;
  data.image = std::move(decoded.image);
}

void ResizeStage::process(Item& item) const {
  ImageItem& data = image_of(item);
  data.image = preprocessor_.geometry(data.image);
}

void NormalizeStage::process(Item& item) const {
  ImageBatch& batch = batch_of(item);
  const std::size_t values = batch.slab.size() / batch.facts.size();
  preprocessor_.normalize(image_of(item).image,
                          std::span(batch.slab).subspan(values * static_cast<std::size_t>(item.slot), values));
  item.payload.reset();
}

}  // namespace qeval
