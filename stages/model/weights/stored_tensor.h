#pragma once
/// A tensor as a file describes it, before its bytes become a Tensor. Everything in it is untrusted.
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "stages/model/tensor.h"
#include "stages/model/weights/element_type.h"
#include "stages/model/weights/file_bytes.h"

namespace qeval {

struct StoredTensor {
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< in elements, one per axis
  std::int64_t offset = 0;            ///< in elements, from the start of `storage`
  std::span<const std::uint8_t> storage;
};

/// Strides of a row-major tensor of this shape. Meaningful only after checked_numel accepted the shape.
std::vector<std::int64_t> contiguous_strides(const std::vector<std::int64_t>& shape);

/// Product of the shape. Throws WeightsFormatError for a negative size, more than 64 axes, or a product that does not
/// fit 2^60.
std::int64_t checked_numel(const std::vector<std::int64_t>& shape);

/// Throws WeightsFormatError unless every element lies inside the storage. Returns the number of elements.
std::int64_t check_bounds(const StoredTensor& tensor);

/// Is told, again and again while a tensor is copied, where the bytes begin that are still to be read.
using CopiedUpTo = std::function<void(const std::uint8_t* end)>;

/// The values as f32. Aligned contiguous f32 aliases `file` (and keeps it alive); everything else is copied, what is
/// contiguous from front to end, so that a file need not be in memory twice. `tensor` must have passed check_bounds and
/// hold floats inside `file`.
Tensor materialize(
    const StoredTensor& tensor, const std::shared_ptr<const FileBytes>& file,
    const CopiedUpTo& copied = [](const std::uint8_t*) {});

}  // namespace qeval
