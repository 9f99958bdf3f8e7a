#pragma once
/// Reads what torch.save wrote before 1.6 (and writes with _use_new_zipfile_serialization=False): five pickles — magic
/// number, protocol version, system information, the object, storage keys — then for each key an int64 count and data.
/// Errors: WeightsFormatError.
#include "stages/model/weights/state_dict_builder.h"

namespace qeval {

/// Whether the bytes start like a binary pickle.
bool looks_like_pickle(std::span<const std::uint8_t> bytes);

StateDict read_pth_legacy(const std::shared_ptr<const FileBytes>& file, const std::string& key = "");

}  // namespace qeval
