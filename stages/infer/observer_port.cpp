#include "stages/infer/observer_port.h"

#include "stages/infer/tensor_values.h"

namespace qeval {

at::Tensor BankPort::pass(int quantizer, at::Tensor tensor) {
  if (!bank_.observes(quantizer)) return frozen_.pass(quantizer, std::move(tensor));
  look(quantizer, TensorValues(tensor).span());
  return tensor;
}

bool BankPort::loses_nan(int quantizer) const { return !bank_.observes(quantizer) && frozen_.loses_nan(quantizer); }

at::Tensor BankPort::pass_keeping_nan(int quantizer, at::Tensor tensor) {
  if (bank_.observes(quantizer)) return pass(quantizer, std::move(tensor));
  return frozen_.pass_keeping_nan(quantizer, std::move(tensor));
}

}  // namespace qeval
