#pragma once
/// Reads safetensors. Errors: WeightsFormatError.
#include "stages/model/weights/state_dict_builder.h"

namespace qeval {

/// Whether the bytes start like a safetensors file: any header length, then '{'.
bool looks_like_safetensors(std::span<const std::uint8_t> bytes);

StateDict read_safetensors(const std::shared_ptr<const FileBytes>& file);

}  // namespace qeval
