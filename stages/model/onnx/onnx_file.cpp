#include "stages/model/onnx/onnx_file.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <google/protobuf/io/zero_copy_stream.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/sha256.h"
#include "pipeline/base/visible_text.h"
#include "stages/model/onnx/onnx_elements.h"

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

/// What is left of a file as protobuf takes it; the file's pages leave memory behind what was taken.
class PieceStream : public google::protobuf::io::ZeroCopyInputStream {
 public:
  PieceStream(const FileBytes& file, const std::vector<OnnxPiece>& pieces) : file_(file), pieces_(pieces) {}

  bool Next(const void** data, int* size) override {
    constexpr std::size_t most = 1u << 20;
    while (piece_ < pieces_.size() && begin_ == pieces_[piece_].bytes.size()) {
      ++piece_;
      begin_ = given_ = 0;
    }
    if (piece_ == pieces_.size()) return false;
    const OnnxPiece& piece = pieces_[piece_];
    if (piece.of_file) file_.release(piece.bytes.subspan(given_, begin_ - given_));
    given_ = begin_;
    const auto next = piece.bytes.subspan(begin_, std::min(most, piece.bytes.size() - begin_));
    *data = next.data();
    *size = static_cast<int>(next.size());
    begin_ += next.size();
    count_ += *size;
    return true;
  }
  void BackUp(int count) override {
    begin_ -= static_cast<std::size_t>(count);
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
  const FileBytes& file_;
  const std::vector<OnnxPiece>& pieces_;
  std::size_t piece_ = 0, given_ = 0, begin_ = 0;  ///< in the piece: what was given last, what comes next
  std::int64_t count_ = 0;
};

OnnxStoredElements held(const std::shared_ptr<const FileBytes>& file, const OnnxElements& elements) {
  using Place = OnnxStoredElements::Place;
  if (elements.raw_data) return {Place::raw_data, HeldBytes(file, *elements.raw_data)};
  if (elements.float_data) return {Place::float_data, HeldBytes(file, *elements.float_data)};
  return {};
}

}  // namespace

OnnxFile::OnnxFile(const std::filesystem::path& file, WeightsFiles& files) : file_(file) {
  std::vector<OnnxStoredElements> inside = parse(files);
  check();
  find_elements(std::move(inside), files);
}

/// Returns the elements of the tensors in the file.
std::vector<OnnxStoredElements> OnnxFile::parse(WeightsFiles& files) {
  std::error_code error;
  if (const auto size = std::filesystem::file_size(file_, error); !error && size > std::numeric_limits<int>::max())
    fail("is larger than 2 GiB, which no ONNX file may be; save its weights as external data");
  const auto content = FileBytes::read(files.open(file_));
  sha256_ = content->sha256();
  bytes_ = static_cast<std::int64_t>(content->bytes().size());
  std::vector<OnnxStoredElements> inside;
  try {
    const OnnxParts parts = split_onnx_file(content->bytes());
    for (const OnnxElements& elements : parts.elements) inside.push_back(held(content, elements));
    PieceStream pieces(*content, parts.model);
    model_ = std::make_unique<onnx::ModelProto>();
    if (!model_->ParseFromZeroCopyStream(&pieces)) throw WeightsFormatError("is not an ONNX model");
  } catch (const WeightsFormatError&) {
    fail("is not an ONNX model, or a truncated one; export it again, or correct model.weights");
  }
  content->release_rest();
  return inside;
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

std::int64_t OnnxFile::bytes_with_external() const {
  std::int64_t bytes = bytes_;
  for (const auto& entry : external_) bytes += static_cast<std::int64_t>(entry.second->bytes().size());
  return bytes;
}

/// Of every tensor that may be asked for. What none of them holds leaves memory.
void OnnxFile::find_elements(std::vector<OnnxStoredElements> inside, WeightsFiles& files) {
  auto& graph = *model_->mutable_graph();
  for (auto& tensor : *graph.mutable_initializer()) add_untaken(tensor, inside, files);
  for (auto& node : *graph.mutable_node())
    for (auto& attribute : *node.mutable_attribute())
      if (node.op_type() == "Constant" && attribute.has_t()) add_untaken(*attribute.mutable_t(), inside, files);
  for (const auto& entry : external_) entry.second->release_rest();
}

void OnnxFile::add_untaken(onnx::TensorProto& tensor, std::vector<OnnxStoredElements>& inside, WeightsFiles& files) {
  using Place = OnnxStoredElements::Place;
  OnnxStoredElements elements = std::move(inside.at(std::stoul(tensor.doc_string())));
  try {
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
      elements = {Place::raw_data, external_bytes(tensor, files)};
  } catch (const WeightsFormatError& error) {
    fail_tensor(tensor, error);
  }
  untaken_[&tensor] = {&tensor, std::move(elements)};
}

/// A model from elsewhere must not be able to name any other file of this machine. Links are another matter: whoever
/// keeps contents in a store and puts links to them beside each other has made them a model and its data.
std::shared_ptr<const FileBytes> OnnxFile::external(const std::string& location, WeightsFiles& files) {
  const std::filesystem::path relative(location);
  std::error_code error;
  const auto folder = std::filesystem::weakly_canonical(std::filesystem::absolute(file_).parent_path(), error);
  const auto path = (folder / relative).lexically_normal();
  const bool climbs = std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (error || location.empty() || location.find('\0') != std::string::npos || relative.is_absolute() || climbs ||
      path == folder)
    throw WeightsFormatError("has external data in " + in_quotes(location) +
                             ", which is not a file inside the model's folder");
  if (!files.knows(path) && !std::filesystem::exists(path, error))
    throw WeightsFormatError("has external data in " + in_quotes(location) +
                             ", which is not there; keep that file beside the model");
  auto& content = external_[path];
  if (!content) content = FileBytes::read(files.open(path));
  return content;
}

HeldBytes OnnxFile::external_bytes(const onnx::TensorProto& tensor, WeightsFiles& files) {
  std::string location;
  std::int64_t offset = 0, length = -1;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = whole_number("offset", entry.value());
    if (entry.key() == "length") length = whole_number("length", entry.value());
  }
  const auto file = external(location, files);
  const auto size = static_cast<std::int64_t>(file->bytes().size());
  if (length < 0) length = size - offset;
  if (offset > size || length > size - offset || length < 0)
    throw WeightsFormatError("reaches byte " + std::to_string(offset) + " + " + std::to_string(length) +
                             " of its external data " + in_quotes(location) + ", which has " + std::to_string(size));
  return {file, file->bytes().subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length))};
}

void OnnxFile::fail_tensor(const onnx::TensorProto& tensor, const WeightsFormatError& error) const {
  fail("tensor " + in_quotes(tensor.name()) + " " + error.what() + "; export the model again");
}

std::shared_ptr<const OnnxConstant> OnnxFile::take_constant(const onnx::TensorProto& tensor) {
  auto found = untaken_.extract(&tensor);
  if (found.empty()) throw InternalError("tensor '" + tensor.name() + "' of an ONNX file was taken twice");
  try {
    Untaken& taken = found.mapped();
    auto constant = std::make_shared<const OnnxConstant>(decode_onnx_tensor(tensor, std::move(taken.elements)));
    onnx::TensorProto().Swap(taken.message);
    return constant;
  } catch (const WeightsFormatError& error) {
    fail_tensor(tensor, error);
  }
}

std::shared_ptr<const OnnxConstant> OnnxFile::constant(const onnx::TensorProto& tensor) const {
  try {
    return std::make_shared<const OnnxConstant>(decode_onnx_tensor(tensor, {}));
  } catch (const WeightsFormatError& error) {
    fail_tensor(tensor, error);
  }
}

}  // namespace qeval
