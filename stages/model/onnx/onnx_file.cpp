#include "stages/model/onnx/onnx_file.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <google/protobuf/io/zero_copy_stream.h>

#include "pipeline/errors.h"
#include "pipeline/sha256.h"
#include "pipeline/visible_text.h"
#include "stages/model/weights_format_error.h"

namespace qeval {
namespace {

constexpr int oldest_opset = 7, newest_opset = 24;

std::int64_t whole_number(const std::string& key, const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    throw WeightsFormatError("has external data with the " + key + " " + in_quotes(text) + ", which is no such number");
  return value;
}

/// A file's pieces as protobuf takes them.
class PieceStream : public google::protobuf::io::ZeroCopyInputStream {
 public:
  explicit PieceStream(const NextPiece& next) : next_(next) {}

  bool Next(const void** data, int* size) override {
    if (left_.empty()) left_ = next_();
    *data = left_.data();
    *size = static_cast<int>(left_.size());
    given_ = left_;
    count_ += *size;
    left_ = {};
    return *size > 0;
  }
  void BackUp(int count) override {
    left_ = given_.last(static_cast<std::size_t>(count));
    count_ -= count;
  }
  bool Skip(int count) override {
    const void* data = nullptr;
    for (int size = 0; count > 0 && Next(&data, &size); count -= size)
      if (size > count) {
        BackUp(size - count);
        return true;
      }
    return count <= 0;
  }
  std::int64_t ByteCount() const override { return count_; }

 private:
  const NextPiece& next_;
  std::span<const std::uint8_t> given_, left_;
  std::int64_t count_ = 0;
};

}  // namespace

OnnxFile::OnnxFile(const std::filesystem::path& file) : file_(file) {
  parse();
  check();
}

/// Without a copy of the file beside protobuf's own.
void OnnxFile::parse() {
  auto model = std::make_shared<onnx::ModelProto>();
  bool parsed = false;
  const StreamedFile whole = stream_file(file_, [&](const NextPiece& next) {
    PieceStream pieces(next);
    parsed = model->ParseFromZeroCopyStream(&pieces);
  });
  if (whole.bytes > static_cast<std::uint64_t>(std::numeric_limits<int>::max()))
    fail("is larger than 2 GiB, which no ONNX file may be; save its weights as external data");
  if (!parsed) fail("is not an ONNX model, or a truncated one; export it again, or correct model.weights");
  model_ = std::move(model);
  sha256_ = whole.sha256;
  bytes_ = static_cast<std::int64_t>(whole.bytes);
}

void OnnxFile::check() {
  if (!model_->has_graph() || model_->graph().node_size() == 0)
    fail("holds no graph; export the network itself, not its weights");
  for (const auto& opset : model_->opset_import())
    if (opset.domain().empty() || opset.domain() == "ai.onnx")
      opset_ = opset.version() < 1 || opset.version() > 1000 ? 0 : static_cast<int>(opset.version());
  if (opset_ < oldest_opset || opset_ > newest_opset)
    fail("uses ONNX opset " + std::to_string(opset_) + ", but " + std::to_string(oldest_opset) + " to " +
         std::to_string(newest_opset) + " are understood; export it with opset_version=17");
}

void OnnxFile::fail(const std::string& what) const { throw InputError(visible_name(file_.string()) + ": " + what); }

std::vector<std::filesystem::path> OnnxFile::external_files() const {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : external_) files.push_back(entry.first);
  return files;
}

std::string OnnxFile::external_sha256() const {
  if (external_.empty()) return "";
  Sha256 hash;
  for (const auto& entry : external_) hash.add_bytes(entry.second->sha256() + "\n");
  return hash.hex();
}

void OnnxFile::release_rest() const {
  for (const auto& entry : external_) entry.second->release_rest();
}

/// A model from elsewhere must not be able to name any other file of this machine. Links are another matter: whoever
/// keeps contents in a store and puts links to them beside each other has made them a model and its data.
std::shared_ptr<const FileBytes> OnnxFile::external(const std::string& location) {
  const std::filesystem::path relative(location);
  std::error_code error;
  const auto folder = std::filesystem::weakly_canonical(std::filesystem::absolute(file_).parent_path(), error);
  const auto path = (folder / relative).lexically_normal();
  const bool climbs = std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (error || location.empty() || location.find('\0') != std::string::npos || relative.is_absolute() || climbs ||
      path == folder)
    throw WeightsFormatError("has external data in " + in_quotes(location) +
                             ", which is not a file inside the model's folder");
  if (!std::filesystem::exists(path, error))
    throw WeightsFormatError("has external data in " + in_quotes(location) +
                             ", which is not there; keep that file beside the model");
  auto& content = external_[path];
  if (!content) content = FileBytes::read(path);
  return content;
}

OnnxBytes OnnxFile::external_bytes(const onnx::TensorProto& tensor) {
  std::string location;
  std::int64_t offset = 0, length = -1;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = whole_number("offset", entry.value());
    if (entry.key() == "length") length = whole_number("length", entry.value());
  }
  const auto file = external(location);
  const auto size = static_cast<std::int64_t>(file->bytes().size());
  if (length < 0) length = size - offset;
  if (offset > size || length > size - offset || length < 0)
    throw WeightsFormatError("reaches byte " + std::to_string(offset) + " + " + std::to_string(length) +
                             " of its external data " + in_quotes(location) + ", which has " + std::to_string(size));
  const auto part = file->bytes().subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
  return {part, FileBytes::hold(file, part)};
}

std::shared_ptr<const OnnxConstant> OnnxFile::constant(const onnx::TensorProto& tensor) {
  try {
    OnnxBytes raw;
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
      raw = external_bytes(tensor);
    } else if (tensor.has_raw_data()) {
      const std::string& bytes = tensor.raw_data();
      raw = {{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, model_};
    }
    return std::make_shared<const OnnxConstant>(decode_onnx_tensor(tensor, raw));
  } catch (const WeightsFormatError& error) {
    fail("tensor " + in_quotes(tensor.name()) + " " + error.what() + "; export the model again");
  }
}

}  // namespace qeval
