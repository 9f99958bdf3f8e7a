#include "stages/model/weights/state_dict_builder.h"

#include <algorithm>

#include "stages/model/weights/float_conversion.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

/// f16 doubles, tied weights repeat; nothing honest makes four times its file.
constexpr std::uint64_t most_growth = 4;
constexpr std::uint64_t small_file_allowance_bytes = 1u << 20;

}  // namespace

StateDictBuilder::StateDictBuilder(std::shared_ptr<const FileBytes> file)
    : file_(std::move(file)), budget_bytes_(file_->bytes().size() * most_growth + small_file_allowance_bytes) {}

void StateDictBuilder::spend(std::int64_t numel) {
  const std::uint64_t bytes = static_cast<std::uint64_t>(numel) * sizeof(float);  // numel ≤ 2^60
  if (bytes > budget_bytes_)
    throw WeightsFormatError("and those before it need over four times the size of the file in memory",
                             "it repeats the same data; save the tensors with .contiguous()");
  budget_bytes_ -= bytes;
}

Tensor StateDictBuilder::take(const StoredTensor& tensor, bool last) const {
  if (!last) return materialize(tensor, file_);
  const std::uint8_t* done = tensor.storage.data();
  return materialize(tensor, file_, [&](const std::uint8_t* end) {
    file_->release({done, end});
    done = end;
  });
}

void StateDictBuilder::add(const std::string& name, const StoredTensor& tensor, bool last) {
  try {
    require_tensor_name(name);
    if (!names_.insert(name).second) throw WeightsFormatError("appears twice");
    const std::int64_t numel = check_bounds(tensor);
    if (!element_type_info(tensor.type).is_float) {
      state_.skipped.push_back(name);
      if (last) file_->release(tensor.storage);
      return;
    }
    spend(numel);
    Tensor values = take(tensor, last);
    if (last) file_->release(tensor.storage);
    if (const std::size_t bad = count_non_finite(values.values()); bad > 0)
      throw WeightsFormatError(
          "has " + std::to_string(bad) + " of " + std::to_string(numel) + " values that are NaN or infinite as f32",
          "no such network can be evaluated; use a checkpoint from before it diverged");
    state_.tensors.emplace(name, std::move(values));
  } catch (const WeightsFormatError& error) {
    throw WeightsFormatError("tensor " + in_quotes(name) + " " + error.what(), error.fix());
  }
}

StateDict StateDictBuilder::finish(const std::string& format) {
  if (state_.tensors.empty())
    throw WeightsFormatError("holds no floating-point tensor",
                             "give the file that torch.save(model.state_dict(), …) wrote");
  std::sort(state_.skipped.begin(), state_.skipped.end());
  state_.format = format;
  return std::move(state_);
}

}  // namespace qeval
