#pragma once
/// A read-only dense f32 tensor with shared ownership (of heap memory or of a file's bytes).
/// Layout: row-major contiguous; convolution weights are OIHW. Cheap to copy. Thread-safety: immutable.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace qeval {

class Tensor {
 public:
  Tensor() = default;
  Tensor(std::vector<std::int64_t> shape, std::shared_ptr<const float> data)
      : shape_(std::move(shape)), data_(std::move(data)) {}
  /// Takes over `values`; their number must be the product of `shape`.
  Tensor(std::vector<std::int64_t> shape, std::vector<float> values) : shape_(std::move(shape)) {
    auto owner = std::make_shared<const std::vector<float>>(std::move(values));
    data_ = std::shared_ptr<const float>(owner, owner->data());
  }

  bool defined() const { return data_ != nullptr; }
  const std::vector<std::int64_t>& shape() const { return shape_; }
  std::int64_t size(int axis) const { return shape_[static_cast<std::size_t>(axis)]; }
  std::int64_t numel() const {
    std::int64_t n = 1;
    for (auto s : shape_) n *= s;
    return n;
  }
  std::span<const float> values() const { return {data_.get(), static_cast<std::size_t>(numel())}; }
  const std::shared_ptr<const float>& data() const { return data_; }

 private:
  std::vector<std::int64_t> shape_;
  std::shared_ptr<const float> data_;
};

}  // namespace qeval
