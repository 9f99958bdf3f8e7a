#pragma once
/// What the weight parsers throw: they see bytes, not paths. read_state_dict adds the file and makes an InputError.
#include <stdexcept>
#include <string>
#include <string_view>

namespace qeval {

class WeightsFormatError : public std::runtime_error {
 public:
  /// `what` says what is wrong with the file, `fix` what its owner can do.
  explicit WeightsFormatError(const std::string& what,
                              std::string fix = "the file is damaged or hostile; fetch or save it again")
      : std::runtime_error(what), fix_(std::move(fix)) {}
  const std::string& fix() const noexcept { return fix_; }

 private:
  std::string fix_;
};

/// Text from an untrusted file, fit for a message: in quotes, shortened, as visible_name shows it.
std::string in_quotes(std::string_view text);

/// A string that can be a tensor's name: valid UTF-8 without control characters. Throws WeightsFormatError.
void require_tensor_name(std::string_view name);

}  // namespace qeval
