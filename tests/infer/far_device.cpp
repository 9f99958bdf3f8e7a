#include "tests/infer/far_device.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <ATen/EmptyTensor.h>
#include <ATen/core/stack.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_strided.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mkldnn_convolution.h>
#include <ATen/ops/view_native.h>
#include <c10/core/Allocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

namespace qeval::test {
namespace {

std::atomic<std::size_t> calls{0};

/// One mapping: pages that are addresses only, then as many that hold the values.
struct Block {
  std::byte* addresses;
  std::size_t bytes;
  std::byte* values() const { return addresses + bytes; }
};

void release(void* context) {
  auto* block = static_cast<Block*>(context);
  munmap(block->addresses, 2 * block->bytes);
  delete block;
}

Block* map_block(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t whole = (bytes / page + 1) * page;
  void* const place = mmap(nullptr, 2 * whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  TORCH_CHECK(place != MAP_FAILED && mprotect(place, whole, PROT_NONE) == 0, "far device: cannot map memory");
  return new Block{static_cast<std::byte*>(place), whole};
}

class FarAllocator : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    Block* const block = map_block(bytes);
    return {block->addresses, block, &release, far_device};
  }
  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }
  void copy_data(void*, const void*, std::size_t) const override { TORCH_CHECK(false, "far device: no raw copies"); }
};

FarAllocator allocator;

/// The values of a tensor of this device as a tensor of the CPU, strides and all.
at::Tensor values_of(const at::Tensor& tensor) {
  const c10::DataPtr& data = tensor.storage().data_ptr();
  TORCH_CHECK(data.get_deleter() == &release, "far device: memory that it did not allocate");
  auto* const first = static_cast<Block*>(data.get_context())->values() +
                      static_cast<std::size_t>(tensor.storage_offset()) * tensor.itemsize();
  return at::from_blob(first, tensor.sizes(), tensor.strides(), at::TensorOptions(tensor.scalar_type()));
}

bool is_far(const at::Tensor& tensor) { return tensor.device() == far_device; }

at::Tensor to_far(const at::Tensor& result) {
  const at::Tensor tensor = at::empty_strided(result.sizes(), result.strides(), result.options().device(far_device));
  values_of(tensor).copy_(result);
  return tensor;
}

/// Operators that make their result in a tensor without elements give it a size: then it becomes `result`.
void become(const at::Tensor& tensor, const at::Tensor& result) {
  const at::Tensor far = to_far(result);
  tensor.unsafeGetTensorImpl()->set_storage_keep_dtype(far.storage());
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(far.sizes(), far.strides());
}

/// One call of an operator: its tensors on the CPU's side, and whose values they are.
class Call {
 public:
  at::Tensor argument(const at::Tensor& tensor) {
    if (!tensor.defined() || (!is_far(tensor) && tensor.unsafeGetTensorImpl()->is_wrapped_number())) return tensor;
    TORCH_CHECK(is_far(tensor), "far device: an operator got a tensor of ", tensor.device(), " too");
    // Without elements: somewhere to make a result, so it must have memory that can grow.
    const bool to_make = tensor.numel() == 0;
    pairs_.emplace_back(to_make ? at::empty({0}, tensor.options().device(at::kCPU)) : values_of(tensor), tensor);
    return pairs_.back().first;
  }

  at::Tensor result(const at::Tensor& tensor) const {
    if (!tensor.defined()) return tensor;
    for (const auto& [values, far] : pairs_) {
      if (tensor.is_same(values)) {
        if (values.sizes() != far.sizes()) become(far, values);
        return far;
      }
      TORCH_CHECK(!tensor.is_alias_of(values), "far device: an operator made a view");
    }
    return to_far(tensor);
  }

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>> pairs_;
};

/// `function` of every tensor in `value`.
template <class Function>
c10::IValue with_tensors(const c10::IValue& value, const Function& function) {
  if (value.isTensor()) return function(value.toTensor());
  if (value.isTensorList()) {
    c10::List<at::Tensor> list;
    for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(function(tensor));
    return list;
  }
  TORCH_CHECK(!value.isOptionalTensorList() && !value.isDevice(), "far device: an argument of a kind it does not know");
  return value;
}

void run_on_cpu(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  ++calls;
  Call call;
  const std::size_t arguments = operation.schema().arguments().size(), results = operation.schema().returns().size();
  for (auto value = stack->end() - static_cast<std::ptrdiff_t>(arguments); value != stack->end(); ++value)
    *value = with_tensors(*value, [&](const at::Tensor& tensor) { return call.argument(tensor); });
  operation.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  for (auto value = stack->end() - static_cast<std::ptrdiff_t>(results); value != stack->end(); ++value)
    *value = with_tensors(*value, [&](const at::Tensor& tensor) { return call.result(tensor); });
}

at::Tensor empty(at::IntArrayRef sizes, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> order) {
  return at::detail::empty_generic(sizes, &allocator, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   type.value_or(at::kFloat), order);
}

at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, std::optional<at::ScalarType> type,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(
      sizes, strides, &allocator, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), type.value_or(at::kFloat));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
  ++calls;
  const at::Tensor target = is_far(to) ? values_of(to) : to;
  target.copy_(is_far(from) ? values_of(from) : from);
  return to;
}

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                       at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, std::int64_t groups) {
  ++calls;
  Call call;
  const at::Tensor input = call.argument(x), filters = call.argument(weight);
  const at::Tensor shift = bias ? call.argument(*bias) : at::Tensor();
  // The kernel that the CPU's executors ask oneDNN for; they leave the choice to ATen for transposed ones.
  if (!transposed) return call.result(at::mkldnn_convolution(input, filters, shift, padding, stride, dilation, groups));
  return call.result(at::convolution(input, filters, shift, stride, padding, dilation, true, output_padding, groups));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(const at::Tensor& gradient, const at::Tensor& x,
                                                                    const at::Tensor& weight, at::IntArrayRef stride,
                                                                    at::IntArrayRef padding, at::IntArrayRef dilation,
                                                                    bool transposed, at::IntArrayRef output_padding,
                                                                    std::int64_t groups, std::array<bool, 3> wanted) {
  ++calls;
  Call call;
  const auto [of_x, of_weight, of_bias] = at::convolution_backward(
      call.argument(gradient), call.argument(x), call.argument(weight), at::OptionalIntArrayRef(), stride, padding,
      dilation, transposed, output_padding, groups, wanted);
  return {call.result(of_x), call.result(of_weight), call.result(of_bias)};
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&run_on_cpu>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", TORCH_FN(empty));
  library.impl("empty_strided", TORCH_FN(empty_strided));
  library.impl("_copy_from", TORCH_FN(copy_from));
  library.impl("as_strided", TORCH_FN(at::native::as_strided_tensorimpl));
  library.impl("view", TORCH_FN(at::native::view));
  library.impl("_reshape_alias", TORCH_FN(at::native::_reshape_alias));
  library.impl("convolution_overrideable", TORCH_FN(convolution));
  library.impl("convolution_backward_overrideable", TORCH_FN(convolution_backward));
  // ATen would take it apart for a device that does not name it, into sums in another order.
  library.impl("native_layer_norm", torch::CppFunction::makeFromBoxedFunction<&run_on_cpu>());
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::PrivateUse1>)

}  // namespace

std::size_t far_calls() { return calls; }

}  // namespace qeval::test
