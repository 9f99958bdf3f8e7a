#include "stages/model/weights/state_dict.h"

#include <algorithm>
#include <string_view>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/model/weights/file_bytes.h"
#include "stages/model/weights/pth_legacy_reader.h"
#include "stages/model/weights/pth_zip_reader.h"
#include "stages/model/weights/safetensors_reader.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

/// What people most often have in place of a weights file.
[[noreturn]] void fail_unknown(std::span<const std::uint8_t> bytes) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 64));
  if (start.starts_with("version https://git-lfs"))
    throw WeightsFormatError("is a Git LFS pointer, not the weights", "run `git lfs pull`");
  if (start.starts_with("<"))
    throw WeightsFormatError("is a web page, not weights", "the download failed; fetch it again");
  throw WeightsFormatError("is neither safetensors nor a .pth zip or pickle of torch.save",
                           "the first bytes are " + in_quotes(start.substr(0, 8)) + "; give one of these formats");
}

StateDict read_by_content(const std::shared_ptr<const FileBytes>& file, const std::string& key) {
  const auto bytes = file->bytes();
  if (looks_like_safetensors(bytes)) {
    if (!key.empty())
      throw WeightsFormatError("is a safetensors file, which has no dictionaries to choose from",
                               "remove model.state_dict");
    return read_safetensors(file);
  }
  if (looks_like_zip(bytes)) return read_pth_zip(file, key);
  if (looks_like_pickle(bytes)) return read_pth_legacy(file, key);
  fail_unknown(bytes);
}

}  // namespace

StateDict read_state_dict(WeightsFile& file, const std::string& key) {
  const auto content = FileBytes::read(file);
  try {
    StateDict state = read_by_content(content, key);
    content->release_rest();
    state.sha256 = content->sha256();
    state.file_bytes = static_cast<std::int64_t>(content->bytes().size());
    return state;
  } catch (const WeightsFormatError& error) {
    throw InputError(visible_name(file.path().string()) + ": " + error.what() + "; " + error.fix());
  }
}

StateDict read_state_dict(const std::filesystem::path& file, const std::string& key) {
  WeightsFile opened(file);
  return read_state_dict(opened, key);
}

}  // namespace qeval
