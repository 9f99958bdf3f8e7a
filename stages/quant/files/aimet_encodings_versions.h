#pragma once
/// One reader per family of encodings versions; read_encodings_file chooses. Errors: as EncodingsDocument.
#include "stages/quant/files/aimet_encodings_document.h"
#include "stages/quant/files/encodings_file.h"

namespace qeval {

using EncodingEntries = std::vector<EncodingEntry>;

/// 0.4.0 … 0.6.1 with two sections, by module names or by ONNX tensor names.
EncodingEntries read_encodings_0_6(const EncodingsDocument& document);
/// AdaRound's file: {"layer.weight": […]} and nothing else.
EncodingEntries read_bare_params(const EncodingsDocument& document);
/// 1.0.0: lists of named objects without min and max.
EncodingEntries read_encodings_1_0(const EncodingsDocument& document);
/// 2.0.0 and 2.1.0: one flat list in the words of ONNX QuantizeLinear. A signed type means symmetric, as aimet-onnx has
/// it.
EncodingEntries read_encodings_2_0(const EncodingsDocument& document);

}  // namespace qeval
