#pragma once
/// Builds an ONNX model node by node. Values are named by strings, as ONNX does.
/// Thread-safety: one thread.
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <onnx/onnx_pb.h>

#include "stages/model/tensor.h"

namespace qeval {

using OnnxAttribute = std::pair<const char*, std::variant<std::int64_t, float, const char*, std::vector<std::int64_t>>>;

class OnnxWriter {
 public:
  explicit OnnxWriter(const std::string& name);

  /// Declares input and output, whose names no node then gets; a size of −1 is the free batch.
  void input(const std::string& name, const std::vector<std::int64_t>& shape);
  void output(const std::string& name, const std::vector<std::int64_t>& shape);
  /// Makes `value` the output.
  void finish(const std::string& value, const std::string& output);

  /// Adds a node; returns the name of its only output, which starts with `name`.
  std::string node(const char* type, const std::vector<std::string>& inputs, const std::string& name,
                   const std::vector<OnnxAttribute>& attributes = {});
  std::string floats(const std::string& name, const Tensor& tensor);
  std::string scalar(const std::string& name, float value) {
    return floats(name, Tensor({}, std::vector<float>{value}));
  }
  /// What is not 0, as truth values.
  std::string truths(const std::string& name, const Tensor& tensor);
  std::string integers(const std::string& name, const std::vector<std::int64_t>& values);
  /// Codes of an integer type of 8 or 16 bits (`type`: ONNX's number for it).
  std::string codes(const std::string& name, int type, const std::vector<std::int64_t>& shape,
                    const std::vector<std::int32_t>& values);

  /// Errors: UsageError above 2 GiB; as AtomicFile.
  void save(const std::filesystem::path& file) const;

 private:
  std::string unique(const std::string& name);
  onnx::TensorProto& tensor(const std::string& name, int type, const std::vector<std::int64_t>& shape);

  onnx::ModelProto model_;
  std::set<std::string> names_;
};

}  // namespace qeval
