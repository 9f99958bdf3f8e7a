#pragma once
/// An ONNX file as protobuf, and the tensors in it and beside it.
/// Thread-safety: one thread per object; tensors are immutable. Errors: InputError naming file, tensor and fix.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "stages/model/file_bytes.h"
#include "stages/model/onnx/onnx_tensor.h"

namespace qeval {

class OnnxFile {
 public:
  /// Parses, and checks what holds for the whole file: one graph, opset 7 to 24.
  explicit OnnxFile(const std::filesystem::path& file);

  const onnx::GraphProto& graph() const { return model_->graph(); }
  int opset() const { return opset_; }
  /// Bounds, sizes and finiteness are checked; external data stays inside the model's folder.
  std::shared_ptr<const OnnxConstant> constant(const onnx::TensorProto& tensor);
  const std::string& sha256() const { return sha256_; }  ///< of the model file
  std::int64_t bytes() const { return bytes_; }
  std::vector<std::filesystem::path> external_files() const;  ///< read so far, sorted
  std::string external_sha256() const;                        ///< of their contents in that order; empty without any
  /// Once every constant was taken that is wanted: see FileBytes.
  void release_rest() const;
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void parse();
  void check();
  std::shared_ptr<const FileBytes> external(const std::string& location);
  OnnxBytes external_bytes(const onnx::TensorProto& tensor);

  std::filesystem::path file_;
  std::shared_ptr<const onnx::ModelProto> model_;
  std::string sha256_;
  std::int64_t bytes_ = 0;
  int opset_ = 0;
  std::map<std::filesystem::path, std::shared_ptr<const FileBytes>> external_;
};

}  // namespace qeval
