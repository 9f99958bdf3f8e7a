#pragma once
/// An ONNX file as protobuf, and the tensors in it and beside it, whose elements are in memory once: bytes of a file
/// leave as they are parsed or copied.
/// Thread-safety: one thread per object; tensors are immutable. Errors: InputError naming file, tensor and fix.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "stages/model/onnx/onnx_tensor.h"
#include "stages/model/weights/file_bytes.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {

class OnnxFile {
 public:
  /// Parses, and checks what holds for the whole file: one graph, opset 7 to 24. `files`: used by this call only.
  OnnxFile(const std::filesystem::path& file, WeightsFiles& files);

  const onnx::GraphProto& graph() const { return model_->graph(); }
  int opset() const { return opset_; }
  /// Of an initializer or a Constant node's value; each can be taken once and is empty afterwards. Sizes and finiteness
  /// are checked.
  std::shared_ptr<const OnnxConstant> take_constant(const onnx::TensorProto& tensor);
  /// Of a tensor that stands nowhere in the file, checked in the same way.
  std::shared_ptr<const OnnxConstant> constant(const onnx::TensorProto& tensor) const;
  const std::string& sha256() const { return sha256_; }  ///< of the model file
  std::int64_t bytes() const { return bytes_; }
  std::int64_t bytes_with_external() const;
  std::vector<std::filesystem::path> external_files() const;  ///< read so far, sorted
  std::string external_sha256() const;                        ///< of their contents in that order; empty without any
  [[noreturn]] void fail(const std::string& what) const;

 private:
  /// A tensor that was not taken yet.
  struct Untaken {
    onnx::TensorProto* message;
    OnnxStoredElements elements;
  };

  std::vector<OnnxStoredElements> parse(WeightsFiles& files);
  void check();
  void find_elements(std::vector<OnnxStoredElements> inside, WeightsFiles& files);
  void add_untaken(onnx::TensorProto& tensor, std::vector<OnnxStoredElements>& inside, WeightsFiles& files);
  std::shared_ptr<const FileBytes> external(const std::string& location, WeightsFiles& files);
  HeldBytes external_bytes(const onnx::TensorProto& tensor, WeightsFiles& files);
  [[noreturn]] void fail_tensor(const onnx::TensorProto& tensor, const WeightsFormatError& error) const;

  std::filesystem::path file_;
  std::unique_ptr<onnx::ModelProto> model_;
  std::map<const onnx::TensorProto*, Untaken> untaken_;
  std::string sha256_;
  std::int64_t bytes_ = 0;
  int opset_ = 0;
  std::map<std::filesystem::path, std::shared_ptr<const FileBytes>> external_;
};

}  // namespace qeval
