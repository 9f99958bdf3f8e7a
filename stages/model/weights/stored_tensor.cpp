#include "stages/model/weights/stored_tensor.h"

#include <algorithm>
#include <string>

#include "stages/model/weights/float_conversion.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

bool is_contiguous(const StoredTensor& tensor) {
  const auto expected = contiguous_strides(tensor.shape);
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis)
    if (tensor.shape[axis] != 1 && tensor.strides[axis] != expected[axis]) return false;
  return true;
}

std::size_t values_bytes(std::int64_t numel) { return static_cast<std::size_t>(numel) * sizeof(float); }

const std::uint8_t* first_element(const StoredTensor& tensor) {
  return tensor.storage.data() + tensor.offset * static_cast<std::int64_t>(element_type_info(tensor.type).size_bytes);
}

/// Copies a strided tensor row by row (a row is the last axis) into `target`, row-major.
void gather(const StoredTensor& tensor, float* target) {
  const auto element_bytes = static_cast<std::int64_t>(element_type_info(tensor.type).size_bytes);
  const std::size_t last = tensor.shape.size() - 1;
  const auto row_length = static_cast<std::size_t>(tensor.shape[last]);
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  std::int64_t offset = 0;  // of the current row from the first element, in elements
  while (true) {
    convert_to_f32(tensor.type, first_element(tensor) + offset * element_bytes, tensor.strides[last] * element_bytes,
                   target, row_length);
    target += row_length;
    std::size_t axis = last;
    while (axis > 0) {
      --axis;
      offset += tensor.strides[axis];
      if (++index[axis] < tensor.shape[axis]) break;
      offset -= tensor.strides[axis] * tensor.shape[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (last == 0) return;
  }
}

void convert_contiguous(const StoredTensor& tensor, std::span<float> target, const CopiedUpTo& copied) {
  constexpr std::size_t most = 1u << 18;
  const std::size_t element_bytes = element_type_info(tensor.type).size_bytes;
  const std::uint8_t* source = first_element(tensor);
  while (!target.empty()) {
    const std::size_t count = std::min(most, target.size());
    convert_to_f32(tensor.type, source, static_cast<std::ptrdiff_t>(element_bytes), target.data(), count);
    source += count * element_bytes;
    target = target.subspan(count);
    copied(source);
  }
}

}  // namespace

std::vector<std::int64_t> contiguous_strides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * std::max<std::int64_t>(shape[axis], 1);
  return strides;
}

std::int64_t checked_numel(const std::vector<std::int64_t>& shape) {
  constexpr std::size_t most_axes = 64;
  constexpr std::int64_t most_elements = std::int64_t{1} << 60;
  if (shape.size() > most_axes) throw WeightsFormatError("has " + std::to_string(shape.size()) + " axes");
  std::int64_t product = 1;  // of the non-zero sizes: a zero must not hide an overflow before it
  bool is_empty = false;
  for (std::int64_t size : shape) {
    if (size < 0) throw WeightsFormatError("has the negative size " + std::to_string(size));
    is_empty |= size == 0;
    if (__builtin_mul_overflow(product, std::max<std::int64_t>(size, 1), &product) || product > most_elements)
      throw WeightsFormatError("has a shape whose number of elements overflows");
  }
  return is_empty ? 0 : product;
}

std::int64_t check_bounds(const StoredTensor& tensor) {
  const std::int64_t numel = checked_numel(tensor.shape);
  if (tensor.strides.size() != tensor.shape.size())
    throw WeightsFormatError("has " + std::to_string(tensor.shape.size()) + " sizes but " +
                             std::to_string(tensor.strides.size()) + " strides");
  if (tensor.offset < 0) throw WeightsFormatError("has the negative storage offset " + std::to_string(tensor.offset));
  if (numel == 0) return 0;
  std::int64_t last = tensor.offset;
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    std::int64_t span = 0;
    if (tensor.strides[axis] < 0)
      throw WeightsFormatError("has the negative stride " + std::to_string(tensor.strides[axis]));
    if (__builtin_mul_overflow(tensor.shape[axis] - 1, tensor.strides[axis], &span) ||
        __builtin_add_overflow(last, span, &last))
      throw WeightsFormatError("has strides that overflow");
  }
  const std::size_t available = tensor.storage.size() / element_type_info(tensor.type).size_bytes;
  if (static_cast<std::uint64_t>(last) >= available)
    throw WeightsFormatError("reaches element " + std::to_string(last) + " of a storage with " +
                             std::to_string(available) + " elements");
  return numel;
}

Tensor materialize(const StoredTensor& tensor, const std::shared_ptr<const FileBytes>& file, const CopiedUpTo& copied) {
  const std::int64_t numel = checked_numel(tensor.shape);
  if (numel == 0) return Tensor(tensor.shape, std::make_shared<const float>(0.0f));
  const std::uint8_t* first = first_element(tensor);
  const bool contiguous = is_contiguous(tensor);
  const bool aligned = reinterpret_cast<std::uintptr_t>(first) % alignof(float) == 0;
  if (tensor.type == ElementType::f32 && contiguous && aligned)
    return Tensor(tensor.shape, std::shared_ptr<const float>(FileBytes::hold(file, {first, values_bytes(numel)}),
                                                             reinterpret_cast<const float*>(first)));

  // Not set to zero first: pages of the copy take memory as pages of the file leave it.
  const auto values = std::make_shared_for_overwrite<float[]>(static_cast<std::size_t>(numel));
  if (contiguous)
    convert_contiguous(tensor, {values.get(), static_cast<std::size_t>(numel)}, copied);
  else
    gather(tensor, values.get());
  return Tensor(tensor.shape, std::shared_ptr<const float>(values, values.get()));
}

}  // namespace qeval
