#pragma once
/// Reads what torch.save writes since 1.6: a zip with <prefix>/data.pkl and <prefix>/data/<key>.
/// Errors: WeightsFormatError.
#include "stages/model/weights/state_dict_builder.h"

namespace qeval {

bool looks_like_zip(std::span<const std::uint8_t> bytes);

StateDict read_pth_zip(const std::shared_ptr<const FileBytes>& file, const std::string& key = "");

}  // namespace qeval
