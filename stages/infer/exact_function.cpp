#include "stages/infer/exact_function.h"

#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/take.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

namespace qeval {
namespace {

class ExactFunction : public Operation {
 public:
  ExactFunction(ExactTable table, const at::Device& device)
      : table_(std::move(table)), values_(at::tensor(table_.values, at::TensorOptions(at::kFloat)).to(device)) {}

  at::Tensor run(Operands& operands) const override {
    at::Tensor x = std::move(operands[0]);
    if (!x.is_cpu()) return by_aten(x);
    if (!x.is_non_overlapping_and_dense()) x = x.contiguous();
    const at::Tensor result = exclusive(x) ? x : at::empty_like(x);
    const auto count = static_cast<std::size_t>(x.numel());
    look_up({x.const_data_ptr<float>(), count}, {result.mutable_data_ptr<float>(), count}, table_);
    return result;
  }

 private:
  /// look_up in ATen operations, for memory a CPU cannot reach.
  at::Tensor by_aten(const at::Tensor& x) const {
    const at::Tensor number = at::nan_to_num((x * (1.0f / table_.scale)).round_(), table_.first);
    const at::Tensor index = (number - table_.first).clamp_(0, static_cast<double>(table_.values.size() - 1));
    return at::where(x.isnan(), x, at::take(values_, index.to(at::kLong)));
  }

  ExactTable table_;
  at::Tensor values_;
};

}  // namespace

std::unique_ptr<Operation> make_exact_function(ExactTable table, const at::Device& device) {
  return std::make_unique<ExactFunction>(std::move(table), device);
}

}  // namespace qeval
