#pragma once
/// Scales and zero points of encodings 2.x: a number, a list, or lists of lists where a tensor has encodings per block.
/// Source: aimet_torch 2.42 AffineEncoding and GroupedBlockEncoding (to_qnn_encoding_dict), aimet common/onnx
/// _parse_meta_encoding. Free functions. Errors: as EncodingsDocument.
#include <cstdint>
#include <vector>

#include "stages/quant/files/aimet_encodings_document.h"

namespace qeval {

/// Numbers in the order of a tensor's elements. No sizes: a single number.
struct NumberGrid {
  std::vector<std::int64_t> sizes{};
  std::vector<double> values{};
};

NumberGrid read_number_grid(const EncodingsDocument& file, const EncodingsDocument::Pointer& where,
                            const EncodingsDocument::Json& value);

/// The place of element `number` in a grid of `sizes`, one index per axis.
std::vector<std::int64_t> place_in_grid(std::int64_t number, const std::vector<std::int64_t>& sizes);

/// The member "block_size" of an entry, which must be there: a whole number above 0.
int read_block_size(const EncodingsDocument& file, const EncodingsDocument::Pointer& where,
                    const EncodingsDocument::Json& entry);

/// Where element `number` of the grid stands in the file.
EncodingsDocument::Pointer element_of_grid(EncodingsDocument::Pointer where, const std::vector<std::int64_t>& sizes,
                                           std::size_t number);

/// The scales of an entry, also those that are quantized themselves (grouped blocks, "LPBQ"): whole numbers per block
/// times a scale per channel, rounded to float as AIMET has them. 2.0.0 has two members for that, 2.1.0 an object.
NumberGrid read_scale_grid(const EncodingsDocument& file, const EncodingsDocument::Pointer& where,
                           const EncodingsDocument::Json& entry);

/// The member of the entry that names its scales, for messages.
const char* scale_member(const EncodingsDocument::Json& entry);

/// `axis` of a tensor of `rank` axes, counted from the front; −1 if it has no such axis.
int axis_from_front(std::int64_t axis, std::size_t rank);

/// One rounding to float, as grouped blocks have it.
inline double grouped_scale(double whole, double channel_scale) { return static_cast<float>(whole * channel_scale); }

}  // namespace qeval
