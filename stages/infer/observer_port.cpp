#include "stages/infer/observer_port.h"

#include "stages/infer/tensor_values.h"

namespace qeval {

at::Tensor ObserverPort::pass(int quantizer, at::Tensor tensor) {
  if (!bank_.observes(quantizer)) return frozen_.pass(quantizer, std::move(tensor));
  const TensorValues values(tensor);
  bank_.observe(quantizer, ordinal_, values.span(), names_[static_cast<std::size_t>(quantizer)]);
  return tensor;
}

at::Tensor FiniteCheckPort::pass(int quantizer, at::Tensor tensor) {
  if (!bank_.observes(quantizer)) return frozen_.pass(quantizer, std::move(tensor));
  bank_.require_usable(quantizer, TensorValues(tensor).span(), names_[static_cast<std::size_t>(quantizer)]);
  return tensor;
}

}  // namespace qeval
