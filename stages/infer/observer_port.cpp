#include "stages/infer/observer_port.h"

namespace qeval {

at::Tensor ObserverPort::pass(int quantizer, at::Tensor tensor) {
  if (!bank_.observes(quantizer)) return frozen_.pass(quantizer, std::move(tensor));
  at::Tensor dense = tensor.cpu();
  if (!dense.is_non_overlapping_and_dense()) dense = dense.contiguous();
  bank_.observe(quantizer, ordinal_, {dense.const_data_ptr<float>(), static_cast<std::size_t>(dense.numel())});
  return tensor;
}

}  // namespace qeval
