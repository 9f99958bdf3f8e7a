#pragma once
/// Collects the tensors of one file: checks each, converts floats, lists integers as skipped.
/// Errors: WeightsFormatError naming the tensor: bounds, duplicate, NaN or Inf, or tensors that together are much
/// larger than the file (views of one storage repeated as a memory bomb).
#include <memory>
#include <set>
#include <string>

#include "stages/model/weights/file_bytes.h"
#include "stages/model/weights/state_dict.h"
#include "stages/model/weights/stored_tensor.h"

namespace qeval {

class StateDictBuilder {
 public:
  explicit StateDictBuilder(std::shared_ptr<const FileBytes> file);

  /// See StateDict.
  void name_dictionary(std::string key, std::vector<std::string> others) {
    state_.dictionary = std::move(key);
    state_.other_dictionaries = std::move(others);
  }
  /// `last`: no tensor that is added later lies in this one's storage, whose bytes leave memory unless somebody holds
  /// them.
  void add(const std::string& name, const StoredTensor& tensor, bool last);
  /// The result; the builder is empty afterwards. Throws if no float tensor was added.
  StateDict finish(const std::string& format);

 private:
  void spend(std::int64_t numel);
  Tensor take(const StoredTensor& tensor, bool last) const;

  std::shared_ptr<const FileBytes> file_;
  std::uint64_t budget_bytes_;
  std::set<std::string> names_;  ///< of floats and integers
  StateDict state_;
};

}  // namespace qeval
