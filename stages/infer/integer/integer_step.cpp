#include "stages/infer/integer/integer_step.h"

#include <new>

namespace qeval {
namespace {

constexpr std::align_val_t alignment{64};
constexpr std::size_t slack = 64;

}  // namespace

void AlignedBytes::Free::operator()(std::byte* memory) const { ::operator delete(memory, alignment); }

std::byte* AlignedBytes::at_least(std::size_t bytes) {
  if (bytes > bytes_ || !memory_) {
    memory_.reset();
    memory_.reset(static_cast<std::byte*>(::operator new(bytes + slack, alignment)));
    bytes_ = bytes;
  }
  return memory_.get();
}

void Workspace::begin(int images, std::span<const float> input, std::span<float> logits) {
  images_ = images;
  input_ = input;
  logits_ = logits;
}

std::uint8_t* Workspace::codes(const Slot& slot) {
  const auto buffer = static_cast<std::size_t>(buffer_of_[static_cast<std::size_t>(slot.number)]);
  const std::size_t bytes = slot.shape.bytes() * static_cast<std::size_t>(images_);
  return reinterpret_cast<std::uint8_t*>(buffers_[buffer].at_least(bytes));
}

}  // namespace qeval
