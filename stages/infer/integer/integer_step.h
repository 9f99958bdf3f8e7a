#pragma once
/// One operation on codes, and the memory that a batch goes through.
///
/// Thread-safety: steps are immutable; a workspace belongs to one call at a time. Ownership: a workspace owns its
/// memory and keeps it from batch to batch.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "stages/infer/integer/code_shape.h"

namespace qeval {

/// Where a value lies in a workspace.
struct Slot {
  int number = -1;
  CodeShape shape;
};

/// Bytes aligned to 64, with 64 more behind the end that may be read. Not initialized.
class AlignedBytes {
 public:
  /// Keeps nothing of what it held if it has to grow.
  std::byte* at_least(std::size_t bytes);
  const std::byte* data() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  std::unique_ptr<std::byte, Free> memory_;
  std::size_t bytes_ = 0;
};

class Workspace {
 public:
  /// `buffer_of`: which buffer every slot lies in.
  Workspace(std::span<const int> buffer_of, std::size_t buffers) : buffer_of_(buffer_of), buffers_(buffers) {}

  void begin(int images, std::span<const float> input, std::span<float> logits);
  int images() const { return images_; }
  std::span<const float> input() const { return input_; }  ///< f32 NCHW
  std::span<float> logits() const { return logits_; }      ///< f32 [n, classes]

  /// Of all images.
  std::uint8_t* codes(const Slot& slot);
  /// For what a step has between; a second call with the same number gets the same memory.
  template <class T>
  T* scratch(std::size_t number, std::size_t count) {
    if (scratch_.size() <= number) scratch_.resize(number + 1);
    return reinterpret_cast<T*>(scratch_[number].at_least(count * sizeof(T)));
  }

 private:
  std::span<const int> buffer_of_;
  std::vector<AlignedBytes> buffers_, scratch_;
  int images_ = 0;
  std::span<const float> input_;
  std::span<float> logits_;
};

class IntegerStep {
 public:
  virtual ~IntegerStep() = default;
  virtual void run(Workspace& workspace) const = 0;
};

}  // namespace qeval
